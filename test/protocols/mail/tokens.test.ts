// OAuth 2 against a real server: Dovecot, which asks a token endpoint (RFC 7662) whose token it is.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import type { LanceurError, Listener } from '@lanceur/core';
import { imap, type AccessToken } from '@lanceur/protocols/imap';
import { pop3 } from '@lanceur/protocols/pop3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOVECOT, startDovecot, type Dovecot } from '../../servers/dovecot.js';
import { startIntrospection, type Introspection } from '../../servers/introspection.js';
import { needs } from '../../support/needs.js';

const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.a-token-of-marie';

describe.skipIf(!needs(DOVECOT.program, DOVECOT))('a token at Dovecot', () => {
  let dovecot: Dovecot;
  let introspection: Introspection;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'lanceur-tokens-'));
    introspection = await startIntrospection();
    dovecot = await startDovecot({ introspection: introspection.url });
  });
  afterAll(async () => {
    await dovecot.stop();
    await introspection.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const listeners: Readonly<Record<string, (accessToken: AccessToken) => Listener>> = {
    IMAP: (accessToken) => {
      const { host, ca, user, ports } = dovecot;
      return imap({ host, port: ports.imaps, ca, user, accessToken });
    },
    POP3: (accessToken) => {
      const { host, ca, user, ports } = dovecot;
      return pop3({ host, port: ports.pop3s, ca, user, accessToken, spool: path.join(folder, 'spool') });
    },
  };
  const failureOf = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: unknown) => error as LanceurError,
    );

  describe.each(Object.keys(listeners))('by %s', (protocol) => {
    test('that has expired is replaced by a fresh one, and where there is none, the refusal is told and the next login waits', async () => {
      introspection.tokens.clear();
      introspection.tokens.set(TOKEN, dovecot.user);
      const asked: boolean[] = [];
      const listener = listeners[protocol]!(({ fresh }) => {
        asked.push(fresh);
        return fresh && introspection.tokens.has('fresh') ? 'fresh' : TOKEN;
      });
      await (await listener.connect()).close();
      // It expires, and its owner has consented to another.
      introspection.tokens.clear();
      introspection.tokens.set('fresh', dovecot.user);
      await (await listener.connect()).close();
      expect(asked.splice(0)).toEqual([false, false, true]);
      // Its owner has taken the consent back.
      introspection.tokens.clear();
      const refused = await failureOf(listener.connect());
      expect(refused).toMatchObject({ code: 'LOGIN_REFUSED', scope: 'source' });
      expect(refused?.message).toMatch(/"status":\s*"(?:401|invalid_token)"/u);
      expect(listener.health?.()?.code).toBe('LOGIN_REFUSED');
      expect(asked.splice(0)).toEqual([false, true]);
      const paused = await failureOf(listener.connect());
      expect(paused).toMatchObject({ code: 'LOGIN_PAUSED', transient: true });
      expect(asked).toEqual([]);
      const all = inspect([refused, paused, listener, listener.health?.()], { depth: 20, showHidden: true });
      expect(all).not.toContain(TOKEN);
      expect(all).not.toContain(Buffer.from(TOKEN).toString('base64').slice(0, 20));
    });

    test('that nobody can check now is not taken for refused: the next poll tries it at once', async () => {
      introspection.tokens.clear();
      introspection.tokens.set(TOKEN, dovecot.user);
      const listener = listeners[protocol]!(() => TOKEN);
      introspection.isAway = true;
      try {
        const failed = await failureOf(listener.connect());
        expect(failed).toMatchObject({ code: 'MAILBOX_FAILED', transient: true });
      } finally {
        introspection.isAway = false;
      }
      await (await listener.connect()).close();
    });
  });
});
