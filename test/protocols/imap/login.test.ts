import { once } from 'node:events';
import { inFrench, type LanceurError, type SourceMemory } from '@lanceur/core';
import { imap, type ImapOptions } from '@lanceur/protocols/imap';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../../support/needs.js';
import { DOVECOT, startDovecot, type Dovecot } from '../../servers/dovecot.js';
import { startIntrospection, type Introspection } from '../../servers/introspection.js';
import {
  FULL,
  startScriptedImap,
  type ScriptedImap,
  type ScriptedOptions,
} from '../../servers/scripted-imap.js';
import { listed } from './life.js';

let server: ScriptedImap | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function start(options: ScriptedOptions = {}): Promise<ImapOptions> {
  server = await startScriptedImap(options);
  return {
    host: '127.0.0.1',
    port: server.port,
    tls: 'none',
    user: 'jean',
    password: 'secret',
    timeoutMs: 5000,
  };
}

function memory(): SourceMemory {
  const entries = new Map<string, string>();
  return {
    read: async (keys) => new Map([...entries].filter(([key]) => keys.includes(key))),
    async write(changes) {
      for (const [key, value] of changes) {
        if (value === undefined) entries.delete(key);
        else entries.set(key, value);
      }
    },
  };
}

/** A sleep that ends with its signal alone. */
async function stopped(_ms: number, signal?: AbortSignal): Promise<void> {
  if (signal !== undefined && !signal.aborted) await once(signal, 'abort');
}

function logins(): number {
  return server!.lines.filter((line) => / (?:AUTHENTICATE|LOGIN) /u.test(line)).length;
}

describe('a wrong password', () => {
  test('is said to be one, without being repeated, and is not tried again at once, not even by the next process', async () => {
    const options = await start();
    const remembered = memory();
    let now = Date.parse('2026-11-24T08:00:00Z');
    const clock = { now: () => now, sleep: async () => {} };
    const make = () => imap({ ...options, password: 'hunter2', clock });
    const refused = await make()
      .connect({ memory: remembered })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'LOGIN_REFUSED', scope: 'source' });
    const paused = await make()
      .connect({ memory: remembered })
      .catch((error: unknown) => error);
    expect(paused).toMatchObject({ code: 'LOGIN_PAUSED', transient: true });
    expect((paused as Error).message).toContain('2026-11-24T08:01:00.000Z');
    expect(logins()).toBe(1);
    for (const error of [refused, paused]) expect(everything(error)).not.toMatch(/hunter2|aHVudGVyMg/u);
    now += 61_000;
    await expect(make().connect({ memory: remembered })).rejects.toMatchObject({ code: 'LOGIN_REFUSED' });
    now += 61_000;
    await expect(make().connect({ memory: remembered })).rejects.toMatchObject({ code: 'LOGIN_PAUSED' });
    expect(logins()).toBe(2);
    now += 3_600_000;
    const good = await imap({ ...options, clock }).connect({ memory: remembered });
    await good.close();
    await expect(make().connect({ memory: remembered })).rejects.toMatchObject({ code: 'LOGIN_REFUSED' });
  });

  test('is not tried more often by the connection that waits for news: it shares the pause', async () => {
    const options = await start();
    let now = Date.parse('2026-11-24T08:00:00Z');
    const began = now;
    const tried: number[] = [];
    const hour = new AbortController();
    const ended = once(hour.signal, 'abort');
    const clock = {
      now: () => now,
      sleep: async (ms: number) => {
        tried.push(...Array.from({ length: logins() - tried.length }, () => (now - began) / 1000));
        now += ms;
        if (now > began + 3_600_000) hour.abort();
        if (hour.signal.aborted) await new Promise((resolve) => setImmediate(resolve));
      },
    };
    const watch = imap({ ...options, password: 'hunter2', clock }).watch(() => {});
    await ended;
    await watch[Symbol.asyncDispose]();
    expect(tried).toEqual([0, 90, 210, 450, 930, 1890]);
  });

  test('is tried once where a poll and the connection that waits for news begin together, and both know then', async () => {
    const options = await start();
    const clock = { now: () => Date.parse('2026-11-24T08:00:00Z'), sleep: stopped };
    const listener = imap({ ...options, password: 'hunter2', clock });
    const watch = listener.watch(() => {});
    const paused = (await listener.connect({ memory: memory() }).catch((e: unknown) => e)) as LanceurError;
    expect(paused.message).toBe(
      'the mail account jean is not tried before 2026-11-24T08:01:00.000Z, so that it does not get locked: ' +
        'it was refused once (wrong [AUTHENTICATIONFAILED]). Correct the password or the token; `doctor()` tries it at once.',
    );
    expect(inFrench(paused.reason)).toBe(
      'le compte de messagerie jean ne sera pas essayé avant 2026-11-24T08:01:00.000Z, pour ne pas être bloqué : ' +
        'refusé 1 fois (wrong [AUTHENTICATIONFAILED])',
    );
    await watch[Symbol.asyncDispose]();
    expect(logins()).toBe(1);
  });

  test('does not keep a poll that is stopped waiting behind another login', async () => {
    const options = await start({ meddle: ({ name }) => (name === 'AUTHENTICATE' ? 'silence' : undefined) });
    const listener = imap(options);
    const watch = listener.watch(() => {});
    const stopping = new AbortController();
    const poll = listener.connect({ signal: stopping.signal }).catch((e: unknown) => e);
    stopping.abort();
    expect(await poll).toMatchObject({ code: 'ABORTED' });
    await watch[Symbol.asyncDispose]();
  });

  test('is tried at once by the doctor', async () => {
    const options = await start();
    let password = 'hunter2';
    const listener = imap({ ...options, password: () => password });
    await expect(listener.connect()).rejects.toMatchObject({ code: 'LOGIN_REFUSED' });
    expect((await listener.check())[0]).toMatchObject({
      result: 'failed',
      reason: { code: 'LOGIN_REFUSED' },
    });
    password = 'secret';
    expect((await listener.check()).map(({ result }) => result)).toEqual(['ok', 'ok', 'ok', 'ok']);
    await (await listener.connect()).close();
    expect(listener.health()).toBeUndefined();
  });

  test.each([
    ['[UNAVAILABLE] the database is away', 'MAILBOX_FAILED'],
    ['[IN-USE] somebody else', 'MAILBOX_BUSY'],
    ['[ALERT] Too many simultaneous connections. (Failure)', 'MAILBOX_FAILED'],
    ['[EXPIRED] change your password', 'LOGIN_REFUSED'],
    ['[AUTHENTICATIONFAILED] Application-specific password required', 'LOGIN_REFUSED'],
  ])('is told from what is none: NO %s', async (answer, code) => {
    const options = await start({
      meddle: ({ tag, name }) => (name === 'AUTHENTICATE' ? { send: `${tag} NO ${answer}\r\n` } : undefined),
    });
    const error = await imap(options)
      .connect()
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ code });
    expect((error as Error).message).toContain(answer.split('] ')[1]);
  });

  test('is told at once, however many full stops the server has written', async () => {
    const answer = `Wrong${'.'.repeat(1_000_000)} password...`;
    const options = await start({
      meddle: ({ tag, name }) => (name === 'AUTHENTICATE' ? { send: `${tag} NO ${answer}\r\n` } : undefined),
    });
    await expect(imap(options).connect()).rejects.toMatchObject({ code: 'LOGIN_REFUSED' });
  });
});

describe('what must not reach the wire', () => {
  const options = { host: '127.0.0.1', tls: 'none', user: 'jean', password: 'secret' } as const;

  test.each([
    [{ user: 'jean\r\na DELETE INBOX' }],
    [{ password: 'a\nb' }],
    [{ mailbox: 'INBOX\r\n' }],
    [{ quarantine: 'a\0b' }],
    [{ host: 'mail.example.org\r\n' }],
  ])('is refused when the listener is built: %j', (wrong) => {
    expect(() => imap({ ...options, ...wrong })).toThrow(
      /expected `(?:user|password|mailbox|quarantine|host)`/u,
    );
  });

  test('is refused when a function gives it', async () => {
    const scripted = await start();
    await expect(imap({ ...scripted, password: () => 'a\r\nb' }).connect()).rejects.toMatchObject({
      code: 'SECRET_FAILED',
    });
    expect(server!.lines).toEqual([]);
  });

  test('a password in clear goes to this machine, and to another one only where that is said in so many words', () => {
    expect(() => imap({ ...options, host: 'mail.example.org' })).toThrow(/passwordInClear/u);
    expect(() => imap({ ...options, host: 'mail.example.org', passwordInClear: true })).not.toThrow();
    expect(() => imap(options)).not.toThrow();
  });

  test('a STARTTLS that the server does not offer ends the connection before anything was said', async () => {
    const scripted = await start();
    await expect(imap({ ...scripted, tls: 'starttls' }).connect()).rejects.toMatchObject({
      code: 'TLS_FAILED',
    });
    expect(logins()).toBe(0);
    expect(server!.lines.join()).not.toContain('secret');
  });

  test('so does one that it refuses, and one in which somebody has put words', async () => {
    for (const send of ['NO no\r\n', 'OK go\r\n* OK injected\r\n']) {
      const scripted = await start({
        capabilities: [...FULL, 'STARTTLS'],
        meddle: ({ tag, name }) => (name === 'STARTTLS' ? { send: `${tag} ${send}` } : undefined),
      });
      await expect(imap({ ...scripted, tls: 'starttls' }).connect()).rejects.toMatchObject({
        code: 'TLS_FAILED',
      });
      expect(logins()).toBe(0);
      await server?.stop();
    }
  });

  test('a PREAUTH greeting does not talk it out of STARTTLS', async () => {
    const scripted = await start({ greeting: '* PREAUTH welcome\r\n' });
    await expect(imap({ ...scripted, tls: 'starttls' }).connect()).rejects.toMatchObject({
      code: 'TLS_FAILED',
    });
  });

  test('TLS towards a server that speaks none is refused in time', async () => {
    const scripted = await start();
    const error = await imap({ ...scripted, tls: 'implicit' })
      .connect()
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ scope: 'source' });
    expect(server!.lines.join()).not.toContain('secret');
  });

  test('nothing listens: said so', async () => {
    const scripted = await start();
    await server!.stop();
    const port = scripted.port!;
    server = undefined;
    const error = await imap({ ...scripted, port })
      .connect()
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'MAILBOX_FAILED' });
    expect((error as Error).message).toContain('ECONNREFUSED');
  });
});

/** All that a log could make of an error. */
function everything(error: unknown): string {
  const seen: string[] = [];
  for (let at = error; at instanceof Error; at = at.cause) {
    seen.push(at.message, at.stack ?? '', JSON.stringify(at, Object.getOwnPropertyNames(at)));
  }
  return seen.join('\n');
}

const HAS_DOVECOT = needs(DOVECOT.program, DOVECOT);

describe.skipIf(!HAS_DOVECOT)('against Dovecot', () => {
  let dovecot: Dovecot;
  let introspection: Introspection;

  beforeAll(async () => {
    introspection = await startIntrospection();
    dovecot = await startDovecot({ introspection: introspection.url });
    await dovecot.deliver('Subject: hello\r\n\r\nhello\r\n');
  });

  afterAll(async () => {
    await dovecot.stop();
    await introspection.stop();
  });

  function options(): ImapOptions {
    const { host, ca, user, password, ports } = dovecot;
    return { host, port: ports.imaps, ca, user, password };
  }

  async function names(more: Partial<ImapOptions>): Promise<readonly string[]> {
    const session = await imap({ ...options(), ...more }).connect();
    const refs = await listed(session);
    await session.close();
    return refs.map(({ name }) => name);
  }

  test.each([
    ['implicit', 'imaps'],
    ['starttls', 'imap'],
    ['none', 'imap'],
  ] as const)('it logs in with tls: %s', async (tls, port) => {
    expect(await names({ tls, port: dovecot.ports[port] })).toEqual(['hello']);
  });

  test('a certificate that nobody vouches for is refused, in STARTTLS as well', async () => {
    const { ca: _ca, ...untrusting } = options();
    for (const [tls, port] of [
      ['implicit', dovecot.ports.imaps],
      ['starttls', dovecot.ports.imap],
    ] as const) {
      const listener = imap({ ...untrusting, tls, port });
      await expect(listener.connect()).rejects.toMatchObject({ code: 'TLS_FAILED' });
      expect(listener.health()?.code).toBe('TLS_FAILED');
    }
    const session = await imap({ ...untrusting, acceptAnyCertificate: true }).connect();
    await session.close();
  });

  test('a certificate for another name is refused', async () => {
    await expect(names({ serverName: 'imap.example.org' })).rejects.toMatchObject({ code: 'TLS_FAILED' });
    expect(await names({ serverName: 'localhost' })).toEqual(['hello']);
  });

  test('a token logs in (XOAUTH2), one that has expired is asked for anew once, and a wrong one is refused', async () => {
    const { password: _password, ...rest } = options();
    const asked: boolean[] = [];
    introspection.tokens.set('good', dovecot.user);
    const accessToken = ({ fresh }: { readonly fresh: boolean }): string => {
      asked.push(fresh);
      return fresh ? 'good' : 'expired';
    };
    const session = await imap({ ...rest, accessToken }).connect();
    expect((await listed(session)).map(({ name }) => name)).toEqual(['hello']);
    await session.close();
    expect(asked).toEqual([false, true]);
    const error = await imap({ ...rest, accessToken: 'stolen-token' })
      .connect()
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'LOGIN_REFUSED' });
    expect(everything(error)).not.toContain('stolen-token');
    expect(dovecot.log()).toMatch(/method=(?:XOAUTH2|OAUTHBEARER)/u);
  });
});
