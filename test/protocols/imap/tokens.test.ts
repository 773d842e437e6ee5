// XOAUTH2 at a server that refuses the token. Dovecot does it in test/protocols/mail/tokens.test.ts.
import { inspect } from 'node:util';
import type { LanceurError } from '@lanceur/core';
import { imap, type ImapOptions } from '@lanceur/protocols/imap';
import { expect, onTestFinished, test } from 'vitest';
import { FULL, startScriptedImap, type ScriptedOptions } from '../../servers/scripted-imap.js';
import { listed } from './life.js';

/** Longer than what is shown of a challenge. */
const TOKEN = `ya29.${'0123456789abcdef'.repeat(20)}`;
const GMAIL = '{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}';

async function start(scripted: ScriptedOptions = {}, options: Partial<ImapOptions> = {}) {
  const server = await startScriptedImap({ capabilities: [...FULL, 'AUTH=XOAUTH2'], ...scripted });
  onTestFinished(() => server.stop());
  const access = { host: '127.0.0.1', port: server.port, tls: 'none', user: 'jean' } as const;
  const token = options.password === undefined && { accessToken: () => TOKEN };
  const listener = imap({ ...access, ...token, timeoutMs: 5000, ...options });
  const logins = () => server.lines.filter((line) => line.includes('AUTHENTICATE')).length;
  return { server, listener, logins };
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as LanceurError,
  );

test.each([
  ['NO', undefined, 'Invalid credentials (Failure) [AUTHENTICATIONFAILED]'],
  ['BYE', () => '* BYE Goodbye', 'the server closed the connection: Goodbye'],
  ['BYE and then NO', (tag: string) => `* BYE Goodbye\r\n${tag} NO refused`, 'refused'],
  ['a cut', () => '', 'the login was refused'],
] as const)(
  'a token that is refused with a challenge and %s is said to be, in the server’s words, and the next login waits',
  async (_, refusal, words) => {
    const { server, listener, logins } = await start(refusal && { refusal });
    const error = await failureOf(listener.connect());
    expect(error).toMatchObject({ code: 'LOGIN_REFUSED', scope: 'source', transient: false });
    expect(error?.message).toContain(`was not let in: ${words} (${GMAIL}).`);
    // Twice: with a fresh token as well. Each challenge got its empty line.
    expect(logins()).toBe(2);
    expect(server.lines.filter((line) => line === '')).toHaveLength(2);
    const paused = await failureOf(listener.connect());
    expect(paused?.code).toBe('LOGIN_PAUSED');
    expect(paused?.message).toContain('"status":"400"');
    expect(logins()).toBe(2);
    const all = inspect([error, paused, listener.health(), listener], { depth: 20, showHidden: true });
    for (const form of [TOKEN.slice(0, 20), Buffer.from(TOKEN).toString('base64').slice(0, 20)]) {
      expect(all).not.toContain(form);
    }
  },
);

test.each([
  ['as it is', TOKEN],
  ['cut off', `${'x'.repeat(150)} ${TOKEN}`],
  ['in base64', Buffer.from(`user=jean\x01auth=Bearer ${TOKEN}\x01\x01`).toString('base64')],
])('a challenge that repeats the token %s gives nothing of it away', async (_, repeated) => {
  const { listener } = await start({ challenge: JSON.stringify({ status: '401', detail: repeated }) });
  const error = await failureOf(listener.connect());
  expect(error?.message).toContain('"status":"401"');
  const all = inspect([error, listener.health()], { depth: 20 });
  expect(all).not.toContain(TOKEN.slice(0, 8));
  // Of any alignment.
  for (const at of [8, 9, 10]) {
    expect(all).not.toContain(
      Buffer.from(TOKEN.slice(at, at + 9))
        .toString('base64')
        .slice(0, 12),
    );
  }
});

test.each([
  ['PLAIN', { user: 'marie', password: 'S3cret+word' }, '\0marie\0S3cret+word', 'S3cret+word'],
  ['OAUTHBEARER', {}, `n,a=jean,\x01host=h\x01port=1\x01auth=Bearer ${TOKEN}\x01\x01`, TOKEN],
])('a refusal that repeats what %s sends gives nothing of it away', async (_, options, sent, secret) => {
  const repeated = Buffer.from(sent).toString('base64');
  const { listener } = await start(
    {
      meddle: ({ tag, name }) =>
        name === 'AUTHENTICATE' ? { send: `${tag} NO no ${repeated}\r\n` } : undefined,
    },
    options,
  );
  const error = await failureOf(listener.connect());
  expect(error?.code).toBe('LOGIN_REFUSED');
  const shown = /no (\S*)/u.exec(error?.message.split('let in: ')[1] ?? '')?.[1] ?? '';
  expect(shown).toContain('***');
  const rest = shown.split('***').map((part) => Buffer.from(part, 'base64').toString('latin1'));
  expect(rest.join(' ')).not.toContain(secret.slice(0, 3));
  expect(rest.join(' ')).not.toContain(secret.slice(-3));
});

test('a token that cannot be replaced is tried once', async () => {
  const { listener, logins } = await start({}, { accessToken: TOKEN });
  expect((await failureOf(listener.connect()))?.code).toBe('LOGIN_REFUSED');
  expect(logins()).toBe(1);
});

const mails = Array.from({ length: 4 }, (_, i) => ({
  uid: i + 1,
  attachments: [{ name: 'a.pdf', content: Buffer.from(`content of ${String(i + 1)}`) }],
}));

/** A session whose connection is cut once, at a time when the token is good no longer. */
async function expiring(fresh: string) {
  let isCut = false;
  const started = await start(
    {
      mails,
      meddle: ({ line }) => {
        if (isCut || !line.includes('BODY.PEEK[2]')) return undefined;
        isCut = true;
        return 'cut';
      },
    },
    { accessToken: (asked) => (asked.fresh ? fresh : isCut ? TOKEN : 'secret') },
  );
  const session = await started.listener.connect();
  onTestFinished(() => session.close());
  return { ...started, session, refs: await listed(session) };
}

test('a token that has expired when a connection is replaced is replaced as well', async () => {
  const { session, refs, logins } = await expiring('secret');
  const opened = await Promise.all(refs.map((ref) => session.open(ref)));
  expect(opened.map(({ documents }) => documents.length)).toEqual([1, 1, 1, 1]);
  expect(logins()).toBe(3);
});

test('one that stays refused there ends the run, and is not tried again for each mail', async () => {
  const { session, refs, logins, listener } = await expiring(TOKEN);
  const codes: unknown[] = [];
  for (const ref of refs) codes.push((await failureOf(session.open(ref)))?.code);
  expect(codes).toEqual(['LOGIN_REFUSED', 'LOGIN_PAUSED', 'LOGIN_PAUSED', 'LOGIN_PAUSED']);
  expect(logins()).toBe(3);
  expect((await failureOf(listener.connect()))?.code).toBe('LOGIN_PAUSED');
});
