import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { LanceurError, memoryLedger, type Code } from '@lanceur/core';
import { virtualClock } from '@lanceur/core/testing';
import { pop3 } from '@lanceur/protocols/pop3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeCertificate } from '../../servers/certificate.js';
import { needs } from '../../support/needs.js';
import { list, mailbox } from './mailbox.js';

const failure = async (promise: Promise<unknown>): Promise<LanceurError> => {
  const error: unknown = await promise.then(
    () => 'it did not fail',
    (e: unknown) => e,
  );
  if (!LanceurError.is(error)) throw new Error(`no LanceurError: ${String(error)}`);
  return error;
};

describe('the words of a server', () => {
  test.each<[string, string, Code, boolean]>([
    ['-ERR [AUTH] wrong password', 'PASS secret', 'LOGIN_REFUSED', false],
    ['-ERR invalid user or password', 'PASS secret', 'LOGIN_REFUSED', false],
    ['-ERR no such user', 'USER jean', 'LOGIN_REFUSED', false],
    ['-ERR [IN-USE] do you have another POP session running?', 'PASS secret', 'MAILBOX_BUSY', true],
    ['-ERR unable to lock maildrop', 'PASS secret', 'MAILBOX_BUSY', true],
    ['-ERR [LOGIN-DELAY] minimum time between mail checks violation', 'PASS secret', 'LOGIN_TOO_SOON', true],
    ['-ERR [SYS/TEMP] the disk is away', 'PASS secret', 'MAILBOX_FAILED', true],
    ['-ERR [SYS/PERM] the account is closed', 'PASS secret', 'MAILBOX_FAILED', false],
  ])('%s at %s is %s', async (line, command, code, transient) => {
    const { listener } = await mailbox({ instead: (c) => (c === command ? `${line}\r\n` : undefined) });
    const error = await failure(listener().connect());
    expect(error).toMatchObject({ code, scope: 'source', transient });
    expect(error.message).toContain(line.replace(/^-ERR (?:\[[^\]]*\] )?/u, ''));
  });

  test('where a server marks wrong passwords, another refusal is no wrong password', async () => {
    const { listener } = await mailbox({
      capabilities: ['AUTH-RESP-CODE'],
      instead: (c) => (c === 'PASS secret' ? '-ERR backend is away\r\n' : undefined),
    });
    expect((await failure(listener().connect())).code).toBe('MAILBOX_FAILED');
  });

  test.each(['HTTP/1.1 400 Bad Request\r\n', '* OK IMAP4rev1\r\n', '-ERR too many connections\r\n'])(
    'a server that greets with %j is said',
    async (greeting) => {
      const { listener } = await mailbox({ greeting });
      expect(await failure(listener().connect())).toMatchObject({ code: 'MAILBOX_FAILED' });
    },
  );

  test('a port where nobody listens is said', async () => {
    const { server, listener } = await mailbox();
    const l = listener();
    await server.stop();
    const error = await failure(l.connect());
    expect(error.message).toContain('ECONNREFUSED');
    expect(l.health?.()?.code).toBe('MAILBOX_FAILED');
    server.stop = () => Promise.resolve();
  });

  test('an aborted login stops at once', async () => {
    const { listener } = await mailbox({ instead: () => ({ silence: true }) });
    const stop = new AbortController();
    const connecting = failure(listener().connect({ signal: stop.signal }));
    setImmediate(() => stop.abort());
    expect((await connecting).code).toBe('ABORTED');
  });
});

describe('a wrong password', () => {
  test('is not tried again at once, also not by the next process, and the right one after the pause is', async () => {
    const clock = virtualClock();
    const right = { password: 'wrong' };
    const { server, listener } = await mailbox();
    const memory = memoryLedger({ clock }).memory('mailbox');
    const make = () => listener({ clock, password: () => right.password });
    expect((await failure(make().connect({ memory }))).code).toBe('LOGIN_REFUSED');
    const paused = await failure(make().connect({ memory }));
    expect(paused.code).toBe('LOGIN_PAUSED');
    expect(server.connections).toBe(1);
    right.password = 'secret';
    await clock.advance(60_000);
    await (await make().connect({ memory })).close();
    await (await make().connect({ memory })).close();
  });

  test('doctor tries it all the same', async () => {
    const right = { password: 'wrong' };
    const { listener } = await mailbox();
    const l = listener({ password: () => right.password });
    await failure(l.connect());
    right.password = 'secret';
    const checks = (await l.check?.()) ?? [];
    expect(checks.map((c) => c.result)).toEqual(['ok', 'ok', 'ok']);
  });
});

describe('tokens', () => {
  test('go in two steps, so that none is longer than a command may be', async () => {
    const { server, listener } = await mailbox({ tokens: ['t'.repeat(2000)] });
    await list(listener({ accessToken: 't'.repeat(2000) }));
    expect(server.commands[1]).toBe('AUTH XOAUTH2');
    expect(Buffer.from(server.commands[2] ?? '', 'base64').toString()).toBe(
      `user=jean\x01auth=Bearer ${'t'.repeat(2000)}\x01\x01`,
    );
  });

  test('one that has expired is replaced by a fresh one', async () => {
    const { listener } = await mailbox({ tokens: ['new'] });
    const asked: boolean[] = [];
    const accessToken = ({ fresh }: { readonly fresh: boolean }) => {
      asked.push(fresh);
      return fresh ? 'new' : 'old';
    };
    await list(listener({ accessToken }));
    expect(asked).toEqual([false, true]);
  });

  test('one that stays refused says why, and pauses', async () => {
    const { listener } = await mailbox({ tokens: [] });
    const l = listener({ accessToken: () => 'old' });
    const error = await failure(l.connect());
    expect(error.code).toBe('LOGIN_REFUSED');
    expect(error.message).toContain('"status":"400"');
    expect((await failure(l.connect())).code).toBe('LOGIN_PAUSED');
  });

  test('one that is refused by a challenge, whatever follows it, is told from a connection that broke', async () => {
    const followed = [{ cutAfter: '' }, { silence: true } as const, '+OK\r\n'];
    for (const answer of followed) {
      const { server, listener } = await mailbox({ instead: (c) => (c === '' ? answer : undefined) });
      const l = listener({ accessToken: 'old', timeoutMs: 100 });
      const error = await failure(l.connect());
      expect(error.code).toBe('LOGIN_REFUSED');
      expect(error.message).toContain('({"status":"400"})');
      expect((await failure(l.connect())).code).toBe('LOGIN_PAUSED');
      expect(server.connections).toBe(1);
    }
    const { listener } = await mailbox({
      instead: (c) => (c.startsWith('dXNlcj') ? { cutAfter: '' } : undefined),
    });
    expect((await failure(listener({ accessToken: 'old' }).connect())).code).toBe('MAILBOX_FAILED');
  });

  test('one that a challenge repeats, cut off, is not given away', async () => {
    const token = `ya29.${'0123456789abcdef'.repeat(20)}`;
    const challenge = JSON.stringify({ status: '401', detail: `${'x'.repeat(150)} ${token}` });
    const { listener } = await mailbox({
      instead: (c) => {
        if (c === '') return '-ERR [AUTH] refused\r\n';
        return c.startsWith('dXNlcj') ? `+ ${Buffer.from(challenge).toString('base64')}\r\n` : undefined;
      },
    });
    const error = await failure(listener({ accessToken: token }).connect());
    expect(error.message).toContain('"status":"401"');
    expect(inspect(error, { depth: 20 })).not.toContain(token.slice(0, 8));
  });
});

describe('secrets', () => {
  const SECRET = 'S3cret/+word';

  test('are in no error, cause, check or health, even where the server repeats them', async () => {
    for (const credentials of [{ password: SECRET }, { accessToken: SECRET }]) {
      const { listener } = await mailbox({
        instead: (c) =>
          c.startsWith('PASS') || c.startsWith('dXNlcj') ? `-ERR wrong: ${c} (${SECRET})\r\n` : undefined,
      });
      const l = listener(credentials);
      const error = await failure(l.connect());
      expect(error.code).toBe('LOGIN_REFUSED');
      const all = inspect([error, await l.check?.(), l.health?.(), l], { depth: 20, showHidden: true });
      expect(all).not.toContain(SECRET);
      expect(all).not.toContain(Buffer.from(SECRET).toString('base64'));
      expect(all).not.toContain('dXNlcj');
    }
  });

  test('a function that throws says nothing of what it knows', async () => {
    const { server, listener } = await mailbox();
    const password = () => {
      throw new Error(`no access to ${SECRET}`);
    };
    const error = await failure(listener({ password }).connect());
    expect(error.code).toBe('SECRET_FAILED');
    expect(inspect(error, { depth: 20 })).not.toContain(SECRET);
    expect(server.connections).toBe(0);
  });

  test.each(['a\r\nDELE 1', 'a\nb', 'a\0b', ''])(
    'that would leave their line (%j) never reach the wire',
    async (bad) => {
      const { server, listener } = await mailbox();
      for (const options of [{ password: bad }, { user: bad }, { accessToken: bad }]) {
        expect(() => listener(options)).toThrow(LanceurError);
      }
      expect((await failure(listener({ password: () => bad }).connect())).code).toBe('SECRET_FAILED');
      expect(server.connections).toBe(0);
    },
  );
});

describe('options', () => {
  const base = { host: 'pop.example.org', user: 'jean', password: 'secret', spool: path.resolve('/spool') };
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['a relative spool', { spool: 'spool' }],
    ['a password and a token', { accessToken: 't' }],
    ['no password', { password: undefined }],
    ['a password in clear over a network', { tls: 'none' }],
    ['a word that is not understood', { after: 'remove' }],
    ['a date that is none', { from: new Date('x') }],
    ['no kind of document', { documents: { attachments: false } }],
    ['a document option that does not exist', { documents: { atachments: true } }],
    ['an option that does not exist', { folder: 'INBOX' }],
    ['a host with a line end', { host: 'a\r\nb' }],
  ])('%s is refused', (_, options) => {
    expect(() => pop3({ ...base, ...options })).toThrow(LanceurError);
  });

  test('the default is TLS from the first byte on, to port 995', () => {
    expect(pop3(base).address).toBe('pop3 jean@pop.example.org:995');
    expect(pop3({ ...base, port: 0 }).address).toBe('pop3 jean@pop.example.org:995');
    expect(pop3({ ...base, tls: 'starttls' }).address).toBe('pop3 jean@pop.example.org:110');
  });
});

describe.skipIf(!needs('openssl'))('TLS', () => {
  const certified = async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'lanceur-tls-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const { ca, certFile, keyFile } = makeCertificate(folder);
    return { ca, tls: { cert: readFileSync(certFile), key: readFileSync(keyFile) } };
  };

  test('from the first byte on, and by STLS', async () => {
    const { ca, tls } = await certified();
    const implicit = await mailbox({ tls: { ...tls, implicit: true } });
    expect(await list(implicit.listener({ tls: 'implicit', ca }))).toEqual([]);
    const stls = await mailbox({ tls });
    expect(await list(stls.listener({ tls: 'starttls', ca }))).toEqual([]);
    expect(stls.server.commands.slice(0, 3)).toEqual(['STLS', 'CAPA', 'USER jean']);
  });

  test('a certificate of somebody else is refused, unless that is asked for in so many words', async () => {
    const { tls } = await certified();
    for (const [how, implicit] of [
      ['implicit', true],
      ['starttls', false],
    ] as const) {
      const { server, listener } = await mailbox({ tls: { ...tls, implicit } });
      expect((await failure(listener({ tls: how }).connect())).code).toBe('TLS_FAILED');
      expect(server.commands.some((c) => c.startsWith('USER'))).toBe(false);
      expect(await list(listener({ tls: how, acceptAnyCertificate: true }))).toEqual([]);
    }
  });

  test('a certificate for another name is refused', async () => {
    const { ca, tls } = await certified();
    const { listener } = await mailbox({ tls: { ...tls, implicit: true } });
    expect(
      (await failure(listener({ tls: 'implicit', ca, serverName: 'pop.gmail.com' }).connect())).code,
    ).toBe('TLS_FAILED');
  });

  test('a server that withdraws STLS gets no password', async () => {
    const { server, listener } = await mailbox();
    expect(await failure(listener({ tls: 'starttls' }).connect())).toMatchObject({
      code: 'TLS_FAILED',
      reason: { message: expect.stringContaining('refuses STLS') as string },
    });
    expect(server.commands).toEqual(['STLS', 'QUIT']);
  });

  test('what comes with the answer to STLS, before TLS, ends it', async () => {
    const { server, listener } = await mailbox({
      instead: (c) => (c === 'STLS' ? '+OK go on\r\n+OK injected\r\n' : undefined),
    });
    expect(await failure(listener({ tls: 'starttls' }).connect())).toMatchObject({
      code: 'TLS_FAILED',
      reason: { message: expect.stringContaining('went on talking') as string },
    });
    expect(server.commands).toEqual(['STLS']);
  });

  test('TLS spoken to a port that has none is said', async () => {
    const { listener } = await mailbox();
    expect((await failure(listener({ tls: 'implicit' }).connect())).code).toBe('TLS_FAILED');
  });

  test('STLS that never goes on ends in bounded time', async () => {
    const { listener } = await mailbox({ instead: (c) => (c === 'STLS' ? '+OK\r\n' : { silence: true }) });
    expect((await failure(listener({ tls: 'starttls', timeoutMs: 100 }).connect())).scope).toBe('source');
  });
});
