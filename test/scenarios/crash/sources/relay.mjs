// @ts-check
// Stands between a launcher and its IMAP server, in the launcher's own process, and makes a step of each command that
// changes a mailbox: it ends when the server has said what became of it, and before the launcher hears of that.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** The command behind a tag, and the mails that it is about. */
const COMMAND =
  /^(?<tag>\S+) (?<name>(?:UID )?(?:STORE|MOVE|COPY|EXPUNGE)|CREATE|DELETE) ?(?<uids>[\d,:]*)(?<rest>.*)$/u;

/**
 * @param {number} port - of the server, on 127.0.0.1
 * @param {import('../steps.mjs').Steps} steps
 * @returns {Promise<number>} the port to go to instead; it keeps no process alive
 */
export async function relay(port, steps) {
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port, host: '127.0.0.1', noDelay: true });
    /** @type {{ readonly tag: string, said: string, readonly done: (said: string) => void } | undefined} */
    let awaited;

    /** @type {(tag: string, line: string) => Promise<string>} */
    const carryOut = (tag, line) =>
      new Promise((done) => {
        awaited = { tag, said: '', done };
        upstream.write(`${line}\r\n`, 'latin1');
      });
    /** @type {(line: string) => Promise<void>} */
    const take = async (line) => {
      const { tag = '', name = '', uids = '', rest = '' } = COMMAND.exec(line)?.groups ?? {};
      if (name === '') {
        upstream.write(`${line}\r\n`, 'latin1');
        return;
      }
      const some = halfOf(uids);
      const answer = await steps.step(
        `mailbox ${name.replace('UID ', '')}`,
        () => carryOut(tag, line),
        some === undefined ? undefined : () => carryOut(tag, `${tag} ${name} ${some}${rest}`),
      );
      client.write(answer, 'latin1');
    };

    let input = '';
    let taken = Promise.resolve();
    client.setEncoding('latin1').on('data', (/** @type {string} */ text) => {
      input += text;
      for (let end = input.indexOf('\r\n'); end !== -1; end = input.indexOf('\r\n')) {
        const line = input.slice(0, end);
        input = input.slice(end + 2);
        taken = taken.then(() => take(line));
      }
    });
    upstream.on('data', (data) => {
      if (awaited === undefined) {
        client.write(data);
        return;
      }
      awaited.said += data.toString('latin1');
      const { tag, said, done } = awaited;
      if (!said.endsWith('\r\n') || !said.split('\r\n').some((line) => line.startsWith(`${tag} `))) return;
      awaited = undefined;
      done(said);
    });
    client.on('close', () => upstream.destroy()).on('error', () => upstream.destroy());
    upstream.on('close', () => client.destroy()).on('error', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  server.unref();
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/**
 * What a server may have done when it is cut off in the middle: the first of several mails.
 *
 * @param {string} uids - `1,4:6`
 * @returns {string | undefined} `undefined` where it is all or nothing
 */
function halfOf(uids) {
  const [first] = uids.split(/[,:]/u);
  return first === undefined || first === '' || first === uids ? undefined : first;
}
