import type { LanceurError } from '@lanceur/core';
import { imap } from '@lanceur/protocols/imap';
import { pop3 } from '@lanceur/protocols/pop3';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { loginOf } from '../../../packages/protocols/dist/mail/credentials.js';

afterEach(() => void vi.useRealTimers());

let asked: () => void = () => undefined;
const never = () => {
  asked();
  return new Promise<string>(() => undefined);
};
const asking = () =>
  new Promise<void>((resolve) => {
    asked = resolve;
  });
const base = { host: '127.0.0.1', port: 9, tls: 'none', user: 'jean' } as const;
const spool = process.cwd();

describe.each([
  ['a password by IMAP', () => imap({ ...base, password: never })],
  ['a token by IMAP', () => imap({ ...base, accessToken: never })],
  ['a password by POP3', () => pop3({ ...base, spool, password: never })],
  ['a token by POP3', () => pop3({ ...base, spool, accessToken: never })],
])('a function that never gives %s', (_, make) => {
  test('keeps nobody who stops from stopping', async () => {
    const stopping = new AbortController();
    const waiting = asking();
    const connecting = make().connect({ signal: stopping.signal });
    await waiting;
    stopping.abort();
    await expect(connecting).rejects.toMatchObject({ code: 'ABORTED' });
  });

  test('is given up after five minutes, and is no wrong password', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const listener = make();
    for (let times = 0; times < 2; times++) {
      const failing = listener.connect().catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(5 * 60_000);
      const error = await failing;
      expect(error).toMatchObject({ code: 'SECRET_FAILED' });
      expect((error as LanceurError).message).toMatch(/the function `(?:password|accessToken)` has not/u);
    }
  });
});

test('who waits for mail by IDLE can be stopped while a token is waited for', async () => {
  const waiting = asking();
  const watching = imap({ ...base, accessToken: never }).watch(() => undefined);
  await waiting;
  await watching[Symbol.asyncDispose]();
});

test('of many tokens the last ones are hidden, and no more are kept', async () => {
  let nth = 0;
  const login = loginOf({ user: 'jean', accessToken: () => `token-${String(++nth)}-` });
  for (let times = 0; times < 30; times++) await login.secret();
  expect(login.hide('token-30- token-21- token-20-')).toBe('*** *** token-20-');
});
