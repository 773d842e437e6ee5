// With which words a server ends a connection on its own (RFC 9051, section 7.1.5), and that people get to read them.
import type { LanceurError } from '@lanceur/core';
import { imap } from '@lanceur/protocols/imap';
import { expect, onTestFinished, test } from 'vitest';
import { startScriptedImap, type ScriptedOptions } from '../../servers/scripted-imap.js';
import { listed } from './life.js';

const WORDS = 'Disconnected: the server is shutting down';

async function start(options: ScriptedOptions) {
  const server = await startScriptedImap({ mails: [{ uid: 1 }], ...options });
  onTestFinished(() => server.stop());
  const access = { host: '127.0.0.1', port: server.port, tls: 'none', user: 'jean' } as const;
  return { server, listener: imap({ ...access, password: 'secret', timeoutMs: 5000 }) };
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as LanceurError,
  );

test.each(['CAPABILITY', 'AUTHENTICATE', 'NAMESPACE', 'SELECT', 'SEARCH'])(
  'a BYE at %s is told in its own words, whether the connection ends right behind it or not',
  async (at) => {
    for (const ends of [false, true]) {
      const { listener } = await start({
        meddle: ({ name }) => (name === at ? { send: `* BYE ${WORDS}\r\n`, ends } : undefined),
      });
      const error = await failureOf(listener.connect().then(listed));
      expect(error).toMatchObject({ code: 'MAILBOX_FAILED', scope: 'source', transient: true });
      expect(error?.message).toContain(`the server closed the connection: ${WORDS}.`);
      expect(listener.health()).toMatchObject({ code: 'MAILBOX_FAILED' });
    }
  },
);

test('so is one at each attempt to read a mail', async () => {
  const attachments = [{ name: 'a.pdf', content: Buffer.from('a') }];
  const { listener } = await start({
    mails: [{ uid: 1, attachments }],
    meddle: ({ line }) =>
      line.includes('BODY.PEEK[2]') ? { send: `* BYE ${WORDS}\r\n`, ends: true } : undefined,
  });
  const session = await listener.connect();
  const [ref] = await listed(session);
  const error = await failureOf(session.open(ref!));
  expect(error?.code).toBe('MAIL_UNREADABLE');
  expect(error?.message).toContain(`the server closed the connection: ${WORDS}`);
  await session.close();
});

test('one that came while nothing was asked costs a new connection, and nothing else', async () => {
  const { server, listener } = await start({});
  const session = await listener.connect();
  const [ref] = await listed(session);
  await server.leave('Autologout; idle for too long');
  expect(await session.settle([{ ref: ref!, end: 'accept' }])).toMatchObject([{ how: 'removed' }]);
  await session.close();
});

test('so is one instead of a greeting', async () => {
  const { listener } = await start({ greeting: '* BYE Too many connections from your address\r\n' });
  const error = await failureOf(listener.connect());
  expect(error).toMatchObject({ code: 'MAILBOX_FAILED', transient: true });
  expect(error?.message).toContain(
    'the server closed the connection: Too many connections from your address.',
  );
});

test('one without words is said to be the end of the connection', async () => {
  const { listener } = await start({ greeting: '* BYE\r\n' });
  expect((await failureOf(listener.connect()))?.message).toContain(
    'failed: the server closed the connection.',
  );
});

test.each(['Invalid user or password', 'Too many failed login attempts', 'Authentication failed'])(
  'one that refuses the login (%s) is a refusal, and the next login waits',
  async (words) => {
    const { server, listener } = await start({
      meddle: ({ name }) => (name === 'AUTHENTICATE' ? { send: `* BYE ${words}\r\n` } : undefined),
    });
    const error = await failureOf(listener.connect());
    expect(error?.code).toBe('LOGIN_REFUSED');
    expect(error?.message).toContain(words);
    expect((await failureOf(listener.connect()))?.code).toBe('LOGIN_PAUSED');
    expect(server.lines.filter((line) => line.includes('AUTHENTICATE'))).toHaveLength(1);
  },
);

test.each(['Disconnected for inactivity during authentication', 'Too many connections', 'Internal error'])(
  'one that says nothing of who logs in (%s) is none',
  async (words) => {
    const { listener } = await start({
      meddle: ({ name }) => (name === 'AUTHENTICATE' ? { send: `* BYE ${words}\r\n` } : undefined),
    });
    for (let times = 0; times < 2; times++) {
      expect((await failureOf(listener.connect()))?.code).toBe('MAILBOX_FAILED');
    }
  },
);
