import type { LanceurError } from '@lanceur/core';
import { remove, type ImapOptions } from '@lanceur/protocols/imap';
import { afterEach, describe, expect, test } from 'vitest';
import { startProxy, type Proxy } from '../../servers/proxy.js';
import {
  FULL,
  startScriptedImap,
  type ScriptedImap,
  type ScriptedOptions,
} from '../../servers/scripted-imap.js';
import { listed, live, outcomeOf } from './life.js';
import { expectAllThere, expectWhole, listenerAt, MAILS } from './three-mails.js';

let server: ScriptedImap | undefined;
let proxy: Proxy | undefined;

afterEach(async () => {
  await proxy?.stop();
  await server?.stop();
  server = proxy = undefined;
});

async function start(options: ScriptedOptions = {}): Promise<ScriptedImap> {
  server = await startScriptedImap({ mails: MAILS, ...options });
  return server;
}

function listener(options: Partial<ImapOptions> = {}, port = server!.port) {
  return listenerAt(port, options);
}

describe('where the connection is cut', () => {
  test(
    'at any byte, nothing is torn, nothing is lost, and what it comes to depends on the byte alone',
    // Some two hundred lives; where the cut is at the mails, each makes up to eighteen connections.
    { timeout: 120_000 },
    async () => {
      const scripted = await start();
      proxy = await startProxy({ to: scripted.port });
      await live(listener({}, proxy.port));
      const whole = proxy.bytes.fromServer;
      await proxy.stop();
      expect(whole).toBeGreaterThan(3000);
      // Every byte of what comes before the mails, then a stride that meets every phase of a line.
      const cuts = Array.from({ length: whole }, (_, i) => i).filter((i) => i % (i < 400 ? 5 : 37) === 0);
      const outcomes: string[] = [];
      for (const cutAfter of cuts) {
        scripted.folders.clear();
        scripted.folders.set('INBOX', [...MAILS]);
        proxy = await startProxy({ to: scripted.port, cutAfter, cut: cutAfter % 2 === 0 ? 'reset' : 'end' });
        const life = await live(listener({}, proxy.port));
        await proxy.stop();
        expectAllThere(scripted);
        expectWhole(life.delivered);
        const removed = life.settled.filter(({ how }) => how === 'removed').length;
        expect(removed).toBeLessThanOrEqual(scripted.folders.get('Lanceur/Accepted')?.length ?? 0);
        outcomes.push(outcomeOf(life));
      }
      expect(outcomes.filter((outcome, i) => outcome !== outcomes[i - 1])).toEqual([
        // Before the mails are listed.
        'MAILBOX_FAILED: 0 read, 0 removed, 0 failed',
        // At every structure, then at every content: after five mails the server is to blame.
        'MAIL_UNREADABLE, MAIL_UNREADABLE, MAILBOX_FAILED: 0 read, 0 removed, 0 failed',
        // At every content.
        'MAIL_UNREADABLE, MAIL_UNREADABLE, MAIL_UNREADABLE: 0 read, 0 removed, 0 failed',
        // Each mail comes on a connection of its own; settling is left to the next run if it breaks.
        'MAILBOX_FAILED: 3 read, 0 removed, 0 failed',
        ': 3 read, 3 removed, 0 failed',
        // All of it comes on one, and settling breaks it.
        'MAILBOX_FAILED: 3 read, 0 removed, 0 failed',
        // At the goodbye.
        ': 3 read, 3 removed, 0 failed',
      ]);
    },
  );

  test('a half-open connection (a black hole) is given up, and the next session finds everything', async () => {
    const scripted = await start();
    proxy = await startProxy({ to: scripted.port });
    const session = await listener({ timeoutMs: 300 }, proxy.port).connect();
    const refs = await listed(session);
    proxy.blackHole();
    await expect(session.open(refs[0]!)).rejects.toMatchObject({ code: 'MAILBOX_STALLED' });
    await session.close();
    const life = await live(listener());
    expect(life.settled.map(({ how }) => how)).toEqual(['removed', 'removed', 'removed']);
  });

  test('a connection that is reset while nobody waits for anything does not end the process', async () => {
    const scripted = await start();
    proxy = await startProxy({ to: scripted.port });
    const session = await listener({}, proxy.port).connect();
    proxy.reset();
    const error = await listed(session).then(
      () => undefined,
      (e: unknown) => e as LanceurError,
    );
    expect(error?.scope).toBe('source');
    await session.close();
  });

  test('an aborted session lets go of its connection at once', async () => {
    await start({ meddle: ({ name }) => (name === 'FETCH' ? 'silence' : undefined) });
    const abort = new AbortController();
    const session = await listener().connect({ signal: abort.signal });
    const listing = listed(session);
    abort.abort();
    await expect(listing).rejects.toMatchObject({ code: 'ABORTED' });
    await session.close();
  });
});

describe('one mail that cannot be read', () => {
  test('does not keep the others from being taken', async () => {
    const bad = /^\S+ UID FETCH (?:2|1:3|1,2|2:3|1:2|2,3)\b.*BODY\.PEEK\[2\]/u;
    const scripted = await start({
      meddle: ({ tag, line }) => (bad.test(line) ? { send: `${tag} NO [SERVERBUG] damaged\r\n` } : undefined),
    });
    const session = await listener().connect();
    const refs = await listed(session);
    const opened = await Promise.allSettled(refs.map((ref) => session.open(ref)));
    expect(opened.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((opened[1] as PromiseRejectedResult).reason).toMatchObject({
      code: 'MAIL_UNREADABLE',
      scope: 'document',
    });
    await session.close();
    expectAllThere(scripted);
  });

  test('is listed all the same when not even its structure can be told', async () => {
    await start({
      meddle: ({ tag, line }) =>
        line.includes('BODYSTRUCTURE') && /FETCH (?:2|1:3|1:2|2:3|1,2)\b/u.test(line)
          ? { send: `${tag} NO [SERVERBUG] damaged\r\n` }
          : undefined,
    });
    const session = await listener().connect();
    const refs = await listed(session);
    expect(refs.map(({ name }) => name)).toEqual(['a', 'mail 2', 'c']);
    await expect(session.open(refs[1]!)).rejects.toMatchObject({ code: 'MAIL_UNREADABLE' });
    await session.close();
  });

  test('is not taken for gone when its line makes no sense', async () => {
    await start({ mails: [MAILS[0]!, { ...MAILS[1]!, bodyStructure: '((((' }, MAILS[2]!] });
    const session = await listener().connect();
    expect((await listed(session)).map(({ id }) => id)).toEqual(['1/1', '1/2', '1/3']);
    await session.close();
  });

  test('is not taken for whole when it is shorter than the server announced', async () => {
    const [first, ...others] = MAILS;
    await start({ mails: [{ ...first!, sections: { '2': 'YWFh' } }, ...others] });
    const life = await live(listener());
    expect(life.errors.map(({ code }) => code)).toEqual(['MAIL_CUT_SHORT']);
    expect([...life.delivered.keys()]).toEqual(['b', 'c']);
  });

  test('is taken as it is where the server says that it only estimates sizes', async () => {
    const [first] = MAILS;
    await start({
      mails: [{ ...first!, sections: { '2': 'YWFh' } }],
      greeting: '* OK The Microsoft Exchange IMAP4 service is ready.\r\n',
    });
    const life = await live(listener());
    expect(life.errors).toEqual([]);
    expect(String(life.delivered.get('a')?.[0])).toBe('aaa');
  });
});

describe('a mail that is expunged', () => {
  test('before it is opened is gone', async () => {
    const scripted = await start();
    const session = await listener().connect();
    const refs = await listed(session);
    scripted.folders.set('INBOX', [MAILS[0]!, MAILS[2]!]);
    await expect(session.open(refs[1]!)).rejects.toMatchObject({ code: 'GONE', scope: 'stale' });
    expect((await session.open(refs[2]!)).documents).toHaveLength(1);
    await session.close();
  });

  test('while a large attachment is read ends its stream as gone', async () => {
    const content = Buffer.alloc(12_000_000, 'x');
    const scripted = await start({ mails: [{ uid: 1, attachments: [{ name: 'big.pdf', content }] }] });
    const session = await listener().connect();
    const [ref] = await listed(session);
    const { documents } = await session.open(ref!);
    const stream = documents[0]!.open();
    const reading = (async () => {
      for await (const chunk of stream) {
        expect(chunk).toBeInstanceOf(Buffer);
        scripted.folders.set('INBOX', []);
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'GONE' });
    await session.close();
  });
});

describe('settling', () => {
  test('answers for each mail alone where the server refuses them together', async () => {
    const scripted = await start({
      meddle: ({ tag, name, line }) =>
        name === 'MOVE' && /MOVE (?:1:3|1,2,3|2)\b/u.test(line)
          ? { send: `${tag} NO [CANNOT] not this one\r\n` }
          : undefined,
    });
    scripted.folders.set('Lanceur/Accepted', []);
    const life = await live(listener());
    expect(life.settled.map(({ how }) => how)).toEqual(['removed', 'failed', 'removed']);
    expect(life.settled[1]?.reason?.message).toContain('CANNOT');
  });

  test('says that the account is full', async () => {
    await start({
      meddle: ({ tag, name }) => (name === 'MOVE' ? { send: `${tag} NO [OVERQUOTA] full\r\n` } : undefined),
    });
    const life = await live(listener());
    expect(life.settled.map(({ reason }) => reason?.code)).toEqual(Array(3).fill('MAILBOX_FULL'));
  });

  test('believes no OK: what is still there was not removed', async () => {
    await start({
      meddle: ({ tag, name }) => (name === 'MOVE' ? { send: `${tag} OK done\r\n` } : undefined),
    });
    const life = await live(listener());
    expect(life.settled.map(({ how }) => how)).toEqual(['failed', 'failed', 'failed']);
  });

  test('without UIDPLUS deletes a mail only while nobody has marked others as deleted', async () => {
    const capabilities = FULL.filter((each) => each !== 'UIDPLUS');
    const marked = { uid: 9, subject: 'undecided', flags: ['\\Deleted'] };
    const scripted = await start({ capabilities, mails: [...MAILS, marked] });
    const refused = await live(listener({ after: remove() }));
    expect(refused.settled.map(({ how }) => how)).toEqual(['failed', 'failed', 'failed']);
    expect(refused.settled[0]?.reason?.message).toContain('UIDPLUS');
    expect(scripted.folders.get('INBOX')).toHaveLength(4);
    scripted.folders.set('INBOX', [...MAILS]);
    const done = await live(listener({ after: remove() }));
    expect(done.settled.map(({ how }) => how)).toEqual(['removed', 'removed', 'removed']);
    expect(scripted.folders.get('INBOX')).toEqual([]);
  });

  test('with UIDPLUS leaves alone what others have marked as deleted', async () => {
    const marked = { uid: 9, subject: 'undecided', flags: ['\\Deleted'] };
    const scripted = await start({ mails: [...MAILS, marked] });
    await live(listener({ after: remove() }));
    expect(scripted.folders.get('INBOX')).toEqual([marked]);
  });

  test('without MOVE copies, then deletes that copy’s original alone', async () => {
    const scripted = await start({ capabilities: ['IMAP4rev1', 'UIDPLUS'] });
    const life = await live(listener());
    expect(life.settled.map(({ how }) => how)).toEqual(['removed', 'removed', 'removed']);
    expect(scripted.folders.get('Lanceur/Accepted')).toHaveLength(3);
    expect(scripted.folders.get('INBOX')).toEqual([]);
  });
});
