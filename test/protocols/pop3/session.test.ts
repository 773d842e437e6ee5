import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { inFrench, LanceurError, reason, type Code } from '@lanceur/core';
import { sentOf } from '@lanceur/core/testing';
import { describe, expect, test } from 'vitest';
import { list, mailbox, readAll, refs, texts, withSession } from './mailbox.js';
import { mailWith } from './mails.js';

const mail = (uidl: string, subject = `mail ${uidl}`, text = `content of ${uidl}`) => ({
  uidl,
  content: mailWith(subject, [{ name: 'a.pdf', content: text }]),
});
const failure = async (promise: Promise<unknown>): Promise<LanceurError> => {
  const error: unknown = await promise.then(
    () => 'it did not fail',
    (e: unknown) => e,
  );
  if (!LanceurError.is(error)) throw new Error(`no LanceurError: ${String(error)}`);
  return error;
};
const accept = (id: string) => ({ ref: { id, version: '', name: id }, end: 'accept' as const });

describe('what is asked of the server', () => {
  test('a poll over known mails costs UIDL and LIST, and no mail is fetched to be listed', async () => {
    const { server, listener } = await mailbox({ mails: [mail('u1'), mail('u2')] });
    const l = listener();
    expect((await list(l)).map((ref) => ref.name)).toEqual(['mail u1', 'mail u2']);
    expect(server.commands.filter((c) => /^(?:TOP|RETR)/u.test(c))).toEqual(['TOP 1 0', 'TOP 2 0']);
    server.commands.length = 0;
    server.mails.push(mail('u3'));
    await list(l);
    expect(server.commands).toEqual([
      'CAPA',
      'USER jean',
      'PASS secret',
      'CAPA',
      'UIDL',
      'LIST',
      'TOP 3 0',
      'QUIT',
    ]);
  });

  test('a mail is fetched once, however often its documents are read', async () => {
    const { server, listener } = await mailbox({ mails: [mail('u1')] });
    await withSession(listener(), async (session) => {
      const [ref] = await refs(session);
      const delivery = await session.open(ref ?? { id: '', version: '', name: '' });
      for (let i = 0; i < 3; i++) for (const document of delivery.documents) await sentOf(document);
      await delivery[Symbol.asyncDispose]();
    });
    expect(server.commands.filter((c) => c.startsWith('RETR'))).toEqual(['RETR 1']);
  });

  test('with pipelining, mails are asked for before the first one is there; without it, one at a time', async () => {
    for (const capabilities of [['TOP', 'PIPELINING'], ['TOP']]) {
      let asked = 0;
      const { listener } = await mailbox({
        capabilities,
        mails: Array.from({ length: 5 }, (_, i) => mail(`u${String(i)}`)),
        instead: (command, connection) => {
          // Of the other connections, one was for listing.
          if (!command.startsWith('RETR') || connection !== 1) return undefined;
          asked++;
          return { silence: true };
        },
      });
      const session = await listener({ timeoutMs: 300 }).connect();
      const found = await refs(session);
      const opened = await Promise.all(found.map((ref) => session.open(ref)));
      expect(asked).toBe(capabilities.includes('PIPELINING') ? 5 : 1);
      for (const delivery of opened) await delivery[Symbol.asyncDispose]();
      await session.close();
    }
  });

  test('a server without CAPA and TOP is enough', async () => {
    const { listener } = await mailbox({
      capabilities: undefined,
      mails: [mail('u1')],
      instead: (command) => (command.startsWith('TOP') ? '-ERR unknown\r\n' : undefined),
    });
    expect((await list(listener()))[0]).toEqual({
      id: 'u1',
      version: '',
      name: 'mail u1',
      size: expect.any(Number) as number,
    });
    expect(await readAll(listener())).toEqual([['a.pdf: content of u1']]);
  });

  test('what nothing wants is not kept, and the mail says what it is', async () => {
    const content = mailWith('Facture', [
      { name: 'a.pdf', content: 'A' },
      { name: 'b.txt', content: 'B' },
      { name: 'A.pdf', content: 'second' },
    ]);
    const { listener } = await mailbox({ mails: [{ uidl: 'u1', content }] });
    await withSession(listener(), async (session) => {
      const [ref = accept('').ref] = await refs(session);
      const asked: string[] = [];
      const delivery = await session.open(ref, ({ name }) => {
        asked.push(name);
        return name.endsWith('.pdf');
      });
      expect(asked).toEqual(['a.pdf', 'b.txt', 'A (2).pdf']);
      expect(delivery.attributes).toMatchObject({
        subject: 'Facture',
        from: 'Marie <marie@example.org>',
        to: 'mairie@example.org',
        date: '2026-11-24T07:15:00.000Z',
        uidl: 'u1',
      });
      expect(await texts(delivery)).toEqual(['a.pdf: A', 'A (2).pdf: second']);
    });
  });

  test('the mail itself, its text and what is attached to an attached mail are documents if asked for', async () => {
    const inner = mailWith('Transmis', [{ name: 'dedans.pdf', content: 'inner' }]);
    const content = [
      'Subject: Fwd\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nvoir ci-joint\r\n--b',
      `Content-Type: message/rfc822\r\n\r\n${inner}\r\n--b--\r\n`,
    ].join('\r\n');
    const { listener } = await mailbox({ mails: [{ uidl: 'u1', content }] });
    const documents = { message: true, body: true, attached: true };
    const [found] = await readAll(listener({ documents }));
    expect(found).toEqual([
      `Fwd.eml: ${Buffer.from(content).toString('latin1')}`,
      'body.txt: voir ci-joint',
      `Transmis.eml: ${Buffer.from(inner).toString('latin1')}`,
      'dedans.pdf: inner',
    ]);
    expect((await readAll(listener()))[0]).toEqual([
      `Transmis.eml: ${Buffer.from(inner).toString('latin1')}`,
    ]);
  });

  test('pictures of the text are documents above a size only', async () => {
    const picture = (name: string, size: number) =>
      `--r\r\nContent-Type: image/png; name=${name}\r\nContent-ID: <${name}>\r\n\r\n${'x'.repeat(size)}\r\n`;
    const content = `Subject: s\r\nContent-Type: multipart/related; boundary=r\r\n\r\n--r\r\nContent-Type: text/html\r\n\r\n<img>\r\n${picture('logo.png', 100)}${picture('photo.png', 101)}--r--\r\n`;
    const { listener } = await mailbox({ mails: [{ uidl: 'u1', content }] });
    expect(await readAll(listener({ documents: { inlineAbove: 100 } }))).toEqual([
      [`photo.png: ${'x'.repeat(101)}`],
    ]);
    expect(await readAll(listener())).toEqual([[]]);
  });
});

describe('where a launcher begins', () => {
  test('from now: what is there stays, unread, and what comes is taken', async () => {
    const { server, listener } = await mailbox({ mails: [mail('old')] });
    const l = listener({ from: 'now' });
    expect((await list(l)).map((ref) => ref.notReady?.code)).toEqual(['BEFORE_START']);
    expect(server.commands.some((c) => /^(?:TOP|RETR)/u.test(c))).toBe(false);
    server.mails.push(mail('new'));
    expect((await list(l)).map((ref) => [ref.id, ref.notReady?.code])).toEqual([
      ['old', 'BEFORE_START'],
      ['new', undefined],
    ]);
  });

  test('from now: not after the server has shown an empty mailbox once, nor when it renumbers', async () => {
    const old = {
      uidl: 'old',
      content: `Received: from x; Mon, 1 Jan 2024 08:00:00 +0200\r\n${mail('old').content}`,
    };
    const { server, listener } = await mailbox({ mails: [old] });
    const l = listener({ from: 'now' });
    await list(l);
    server.mails = [];
    expect(await list(l)).toEqual([]);
    for (const mails of [[old], [{ ...old, uidl: 'renumbered' }]]) {
      server.mails = mails;
      expect((await list(l)).map((ref) => ref.notReady?.code)).toEqual(['BEFORE_START']);
    }
  });

  test('from a date: by what the last server stamped on it, else by its own date; without one it is taken', async () => {
    const stamped = (uidl: string, ...headers: readonly string[]) => ({
      uidl,
      content: `${headers.join('\r\n')}\r\nSubject: ${uidl}\r\n\r\n`,
    });
    const { listener } = await mailbox({
      mails: [
        stamped(
          'received',
          'Received: from x; Mon, 1 Jun 2026 08:00:00 +0200',
          'Date: Mon, 1 Jan 2024 08:00:00 +0200',
        ),
        stamped('written', 'Date: Mon, 1 Jan 2024 08:00:00 +0200'),
        stamped('undated'),
      ],
    });
    const found = await list(listener({ from: new Date('2026-01-01') }));
    expect(found.map((ref) => [ref.id, ref.notReady?.message])).toEqual([
      ['received', undefined],
      ['written', 'was there before 2026-01-01T00:00:00.000Z, from when on this launcher takes mail'],
      ['undated', undefined],
    ]);
  });
});

describe('how it ends', () => {
  test('accepted mails are deleted once QUIT is confirmed, rejected ones and those aside stay', async () => {
    const { server, listener } = await mailbox({ mails: [mail('u1'), mail('u2'), mail('u3')] });
    const session = await listener().connect();
    const settled = await session.settle([
      accept('u1'),
      { ...accept('u2'), end: 'reject', reason: reason('CRASHED', { times: 3, name: 'u2' }) },
      { ...accept('u3'), end: 'aside' },
      accept('u4'),
    ]);
    expect(settled.map(({ how }) => how)).toEqual(['removed', 'kept', 'kept', 'gone']);
    expect(server.mails.map(({ uidl }) => uidl)).toEqual(['u2', 'u3']);
    expect(server.commands.slice(-2)).toEqual(['DELE 1', 'QUIT']);
  });

  test.each(['-ERR some messages were not removed\r\n', { cutAfter: '' }, { cutAfter: '+O' }])(
    'a QUIT that is not confirmed (%j) deletes nothing as far as anybody knows',
    async (answer) => {
      const { listener } = await mailbox({
        mails: [mail('u1')],
        instead: (command) => (command === 'QUIT' ? answer : undefined),
      });
      const session = await listener().connect();
      expect((await failure(session.settle([accept('u1')]))).scope).toBe('source');
    },
  );

  test('a connection that breaks under ten thousand deletions fails once, and says so', async () => {
    const ids = Array.from({ length: 10_000 }, (_, i) => `u${String(i)}`);
    const { listener } = await mailbox({
      mails: ids.map((uidl) => ({ uidl, content: 'x' })),
      instead: (command) => (command === 'DELE 3' ? { cutAfter: '' } : undefined),
    });
    const session = await listener().connect();
    expect((await failure(session.settle(ids.map(accept)))).code).toBe('MAILBOX_FAILED');
  });

  test('a DELE that is refused fails its own mail only', async () => {
    const { server, listener } = await mailbox({
      mails: [mail('u1'), mail('u2')],
      instead: (command) => (command === 'DELE 1' ? '-ERR read-only\r\n' : undefined),
    });
    const session = await listener().connect();
    const [first, second] = await session.settle([accept('u1'), accept('u2')]);
    expect(first).toMatchObject({ how: 'failed', reason: { code: 'MAILBOX_FAILED' } });
    expect(second?.how).toBe('removed');
    expect(server.mails.map(({ uidl }) => uidl)).toEqual(['u1']);
  });

  test('a mailbox that is kept is not written to', async () => {
    const { server, listener } = await mailbox({ mails: [mail('u1')] });
    const session = await listener({ after: 'keep' }).connect();
    expect((await session.settle([accept('u1')]))[0]?.how).toBe('kept');
    expect(server.commands.some((c) => c.startsWith('DELE'))).toBe(false);
  });

  test('a session that is closed without settling deletes nothing', async () => {
    const { server, listener } = await mailbox({ mails: [mail('u1')] });
    await readAll(listener());
    expect(server.mails).toHaveLength(1);
  });

  test('a connection that the server ends while nothing is under way is replaced', async () => {
    let ends = true;
    const { server, listener } = await mailbox({
      mails: [mail('u1')],
      instead: (command) => {
        if (command !== 'TOP 1 0' || !ends) return undefined;
        ends = false;
        return { cutAfter: '+OK\r\nSubject: x\r\n\r\n.\r\n-ERR idle for too long\r\n' };
      },
    });
    const session = await listener().connect();
    const [ref = accept('').ref] = await refs(session);
    expect(await texts(await session.open(ref))).toEqual(['a.pdf: content of u1']);
    expect(server.connections).toBeGreaterThan(1);
    await session.close();
  });
});

describe('what goes wrong', () => {
  test('a mail that arrives short and without its end is not taken, and the others are', async () => {
    const whole = mailWith('whole', [{ name: 'a.pdf', content: 'x'.repeat(5000) }]);
    const cut = Buffer.from(whole).subarray(0, 3000).toString();
    const { listener } = await mailbox({
      mails: [{ uidl: 'u1', content: cut, size: whole.length }, mail('u2')],
    });
    await withSession(listener(), async (session) => {
      const [short = accept('').ref, other = accept('').ref] = await refs(session);
      const error = await failure(session.open(short));
      expect(error).toMatchObject({ code: 'MAIL_CUT_SHORT', scope: 'document', transient: true });
      expect(inFrench(error.reason)).toContain('sa fin manque');
      expect(await texts(await session.open(other))).toEqual(['a.pdf: content of u2']);
    });
    await withSession(listener({ sizes: 'estimated' }), async (session) => {
      const [short = accept('').ref] = await refs(session);
      const delivery = await session.open(short);
      expect(delivery.attributes['problems']).toContain('it may be cut');
      await delivery[Symbol.asyncDispose]();
    });
  });

  test('a server that counts differently takes nothing from a mail that shows its own end', async () => {
    const { listener } = await mailbox({
      mails: [
        { ...mail('u1'), size: 1_000_000 },
        { ...mail('u2'), size: 1 },
      ],
    });
    expect(await readAll(listener())).toEqual([['a.pdf: content of u1'], ['a.pdf: content of u2']]);
  });

  test('mails that share a unique id are left, and the others are taken', async () => {
    const { listener } = await mailbox({ mails: [mail('same'), mail('same'), mail('u3')] });
    const found = await list(listener());
    expect(found.map((ref) => [ref.id, ref.notReady?.message])).toEqual([
      [
        'same',
        'has the unique id (UIDL) same like 1 others, so that it cannot be told from them; it is left',
      ],
      ['u3', undefined],
    ]);
    const session = await listener().connect();
    expect((await session.settle([accept('same')]))[0]?.how).toBe('failed');
  });

  test.each([
    ['a server without UIDL', 'UIDL', '-ERR unknown command\r\n'],
    ['a mail without unique id', 'UIDL', '+OK\r\n1\r\n.\r\n'],
    ['fewer unique ids than mails', 'UIDL', '+OK\r\n.\r\n'],
  ])('%s is said', async (_, command, answer) => {
    const { listener } = await mailbox({
      mails: [mail('u1')],
      instead: (c) => (c === command ? answer : undefined),
    });
    expect(await failure(list(listener()))).toMatchObject({ code: 'UIDL_MISSING', scope: 'source' });
  });

  test('one mail that the server cannot give does not stop the rest', async () => {
    const { listener } = await mailbox({
      mails: [mail('u1'), mail('u2')],
      instead: (command) => (command === 'RETR 1' ? '-ERR message is damaged\r\n' : undefined),
    });
    await withSession(listener(), async (session) => {
      const [bad = accept('').ref, good = accept('').ref] = await refs(session);
      const [first, second] = await Promise.allSettled([session.open(bad), session.open(good)]);
      expect(first).toMatchObject({ reason: { code: 'DOCUMENT_UNREADABLE', scope: 'document' } });
      expect(second.status).toBe('fulfilled');
    });
  });

  test.each(['UIDL', 'LIST', 'TOP 1 0', 'RETR 1', 'DELE 1'])(
    'trouble of the server itself at %s is one of the source, and passes',
    async (command) => {
      const { listener } = await mailbox({
        mails: [mail('u1')],
        instead: (c) => (c === command ? '-ERR [SYS/TEMP] try later\r\n' : undefined),
      });
      const session = await listener().connect();
      const run = async () => {
        const [ref = accept('').ref] = await refs(session);
        await (await session.open(ref))[Symbol.asyncDispose]();
        return (await session.settle([{ ...accept('u1'), ref }]))[0]?.reason;
      };
      // A header that cannot be had costs a name; a deletion that is refused is asked for again.
      if (command === 'TOP 1 0') expect(await run()).toBeUndefined();
      else if (command === 'DELE 1') expect((await run())?.message).toContain('try later [SYS/TEMP]');
      // Nobody else has said so: it may be of this mail alone.
      else if (command === 'RETR 1')
        expect(await failure(run())).toMatchObject({ code: 'MAIL_UNREADABLE', transient: true });
      else expect(await failure(run())).toMatchObject({ code: 'MAILBOX_FAILED', transient: true });
      await session.close();
    },
  );

  // A header that cannot be had costs a name, a mail that cannot be had fails alone.
  test.each<[string, readonly Code[]]>([
    ['CAPA', ['MAILBOX_FAILED']],
    ['USER jean', ['MAILBOX_FAILED']],
    ['PASS secret', ['MAILBOX_FAILED']],
    ['UIDL', ['MAILBOX_FAILED']],
    ['LIST', ['MAILBOX_FAILED']],
    ['TOP 1 0', []],
    ['RETR 1', ['MAIL_UNREADABLE']],
    ['DELE 1', ['MAILBOX_FAILED']],
    ['QUIT', ['MAILBOX_FAILED']],
  ])('silence at %s ends in bounded time, and so does a cut: %j', async (command, codes) => {
    for (const deviation of [
      { silence: true } as const,
      { cutAfter: command === 'QUIT' ? '+O' : '+OK\r\nSubj' },
      { cutAfter: '' },
    ]) {
      const { listener } = await mailbox({
        mails: [mail('u1')],
        instead: (c) => (c === command ? deviation : undefined),
      });
      const failed: Code[] = [];
      const note = (error: unknown) => {
        if (!LanceurError.is(error)) throw error;
        failed.push(error.code);
      };
      await withSession(listener({ timeoutMs: 100 }), async (session) => {
        const [ref = accept('').ref] = await refs(session);
        await (await session.open(ref))[Symbol.asyncDispose]();
        await session.settle([{ ...accept('u1'), ref }]);
      }).catch(note);
      const isSilent = 'silence' in deviation;
      expect(failed).toEqual(
        codes.map((code) => (isSilent && code === 'MAILBOX_FAILED' ? 'MAILBOX_STALLED' : code)),
      );
    }
  });

  test('a mail that is cut at any byte is never taken for whole', async () => {
    const content = mailWith('s', [{ name: 'a.pdf', content: 'abc' }]);
    const answer = Buffer.from(`+OK\r\n${content.replace(/(^|\r\n)\./gu, '$1..')}.\r\n`);
    const position = { at: 0 };
    const { listener } = await mailbox({
      mails: [{ uidl: 'u1', content }],
      instead: (c) => (c === 'RETR 1' ? { cutAfter: answer.subarray(0, position.at) } : undefined),
    });
    // The connection alone tells: sizes are out of the game.
    for (
      position.at = 0;
      position.at < answer.length;
      position.at += position.at < answer.length - 40 ? 37 : 1
    ) {
      // One that remembers no break: after five mails the server would be to blame.
      await withSession(listener(), async (session) => {
        const error = await failure(session.open({ id: 'u1', version: '', name: 's' }));
        expect([position.at, error.code]).toEqual([position.at, 'MAIL_UNREADABLE']);
      });
    }
  });

  test('a second session of the account in this process waits, and is told when it waits too long', async () => {
    const { listener } = await mailbox();
    const first = await listener().connect();
    expect(await failure(listener({ timeoutMs: 50 }).connect())).toMatchObject({ code: 'MAILBOX_BUSY' });
    const second = listener().connect();
    await first.close();
    await (await second).close();
  });

  test('a document of many megabytes goes through the spool, which is empty afterwards', async () => {
    const big = Buffer.alloc(3_000_000, 'abcdefg');
    const { folder, listener } = await mailbox({
      mails: [{ uidl: 'u1', content: mailWith('big', [{ name: 'a.pdf', content: big }]) }],
    });
    const files = async () =>
      (await readdir(path.join(folder, 'spool'), { recursive: true, withFileTypes: true })).filter((e) =>
        e.isFile(),
      );
    await withSession(listener(), async (session) => {
      const [ref = accept('').ref] = await refs(session);
      const delivery = await session.open(ref);
      expect(await files()).toHaveLength(1);
      expect(delivery.documents[0]?.size).toBe(big.length);
      expect(await texts(delivery)).toEqual([`a.pdf: ${big.toString('latin1')}`]);
      expect(await files()).toHaveLength(0);
    });
  });

  test('what the filter throws fails its own mail, and the next one follows', async () => {
    const { listener } = await mailbox({ mails: [mail('u1'), mail('u2')] });
    await withSession(listener(), async (session) => {
      const [first = accept('').ref, second = accept('').ref] = await refs(session);
      const slow = new LanceurError('PATTERN_TOO_SLOW', { pattern: 'x', ms: 1, name: 'a' });
      const opened = await Promise.allSettled([
        session.open(first, () => {
          throw slow;
        }),
        session.open(second),
      ]);
      expect(opened[0]).toEqual({ status: 'rejected', reason: slow });
      expect(opened[1].status).toBe('fulfilled');
    });
  });
});
