import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { byExtension, LanceurError, Launcher, memoryLedger, nameFilter, type Listener } from '@lanceur/core';
import { pop3, type Pop3Options } from '@lanceur/protocols/pop3';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DOVECOT, startDovecot, type Dovecot } from '../../servers/dovecot.js';
import { startProxy } from '../../servers/proxy.js';
import { startStunnel, STUNNEL } from '../../servers/stunnel.js';
import { needs } from '../../support/needs.js';
import { list, readAll } from './mailbox.js';
import { mailWith } from './mails.js';

describe.skipIf(!needs(DOVECOT.program, DOVECOT))('POP3 with Dovecot', () => {
  let server: Dovecot;
  let folder: string;
  let account = 0;
  let user = '';

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'lanceur-pop3-dovecot-'));
    const users = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`u${String(i)}@example.org`, 'secret']),
    );
    // A real mailbox lets one session in at a time.
    server = await startDovecot({ users, config: 'protocol pop3 {\n  pop3_lock_session = yes\n}' });
  });
  beforeEach(() => {
    user = `u${String(account++)}@example.org`;
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const listener = (options: Partial<Pop3Options> = {}): Listener =>
    pop3({
      host: 'localhost',
      port: server.ports.pop3s,
      ca: server.ca,
      user,
      password: 'secret',
      spool: path.join(folder, 'spool'),
      ...options,
    });
  const deliver = (subject: string, name = 'a.pdf', content: string | Buffer = subject) =>
    server.deliver(mailWith(subject, [{ name, content }]), { user });

  test('POP3S, STLS, and a certificate that nobody vouches for', async () => {
    await deliver('one');
    expect(await readAll(listener())).toEqual([['a.pdf: one']]);
    expect(await readAll(listener({ tls: 'starttls', port: server.ports.pop3 }))).toEqual([['a.pdf: one']]);
    const untrusting = { host: 'localhost', port: server.ports.pop3s };
    const stranger = pop3({ ...untrusting, user, password: 'secret', spool: path.join(folder, 'spool') });
    await expect(stranger.connect()).rejects.toMatchObject({ code: 'TLS_FAILED' });
  });

  test('in clear to this machine', async () => {
    await deliver('one');
    expect(await readAll(listener({ tls: 'none', host: '127.0.0.1', port: server.ports.pop3 }))).toEqual([
      ['a.pdf: one'],
    ]);
  });

  test.skipIf(!needs(STUNNEL.program, STUNNEL))('through a local stunnel, as EzGED sets it up', async () => {
    await deliver('one');
    const stunnel = await startStunnel({ port: server.ports.pop3s, ca: server.ca });
    try {
      expect(await readAll(listener({ tls: 'none', host: '127.0.0.1', port: stunnel.port }))).toEqual([
        ['a.pdf: one'],
      ]);
    } finally {
      await stunnel.stop();
    }
  });

  test('a wrong password is refused', async () => {
    await expect(listener({ password: 'wrong' }).connect()).rejects.toMatchObject({ code: 'LOGIN_REFUSED' });
  });

  test('a mailbox that somebody else has open is busy, and free afterwards', async () => {
    // Another host name is another account to this process, and the same one to the server.
    const other = await listener({ tls: 'none', host: '127.0.0.1', port: server.ports.pop3 }).connect();
    await expect(listener({ timeoutMs: 20_000 }).connect()).rejects.toMatchObject({
      scope: 'source',
      transient: true,
    });
    await other.close();
    expect(await list(listener())).toEqual([]);
  }, 60_000);

  test('a mail of every shape comes back byte for byte', async () => {
    const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 256));
    await deliver('binary', 'Délibération n° 12.pdf', content);
    await server.deliver(mailWith('unix', [{ name: 'b.pdf', content: '.\n..\n' }]).replaceAll('\r\n', '\n'), {
      user,
    });
    expect(await readAll(listener())).toEqual([
      [`Délibération n° 12.pdf: ${content.toString('latin1')}`],
      ['b.pdf: .\n..\n'],
    ]);
  });

  test('from a mailbox to a waiting directory: once, deleted, the rest left with a word', async () => {
    await deliver('Facture 1', 'f1.pdf');
    await deliver('Facture 2', 'f2.PDF');
    await deliver('Photo', 'p.jpg');
    const waiting = path.join(folder, `waiting-${user}`);
    await mkdir(waiting);
    const launcher = new Launcher({
      id: '16',
      listener: listener(),
      filter: nameFilter('*.pdf'),
      grouper: byExtension({ pdf: '87' }),
      submitter: waitingDirectory({ jobs: { '87': waiting } }),
      ledger: memoryLedger(),
    });
    const first = await launcher.run();
    expect(first.left.map(({ name }) => name)).toEqual(['Photo']);
    expect((await readdir(waiting)).filter((name) => !name.startsWith('.')).sort()).toEqual([
      'f1.pdf',
      'f2.PDF',
    ]);
    expect(await readFile(path.join(waiting, 'f1.pdf'), 'utf8')).toBe('Facture 1');
    const left = await server.messages({ user });
    expect(left).toHaveLength(1);
    const second = await launcher.run();
    expect(second.left.map(({ reason }) => reason.code)).toEqual(['SKIPPED']);
    await launcher.close();
  });

  test('cut at any byte of a session, nothing is lost, and what it comes to depends on the byte alone', async () => {
    await deliver('one');
    await deliver('two');
    const outcomes: string[] = [];
    for (let cutAfter = 20; cutAfter < 3000; cutAfter += 131) {
      const proxy = await startProxy({ to: server.ports.pop3, cutAfter });
      const l = listener({ tls: 'none', host: '127.0.0.1', port: proxy.port, timeoutMs: 10_000 });
      outcomes.push(
        await readAll(l).then(
          (found) => found.join(', '),
          (error: unknown) => (LanceurError.is(error) ? error.code : String(error)),
        ),
      );
      await proxy.stop();
    }
    expect(outcomes.filter((outcome, i) => outcome !== outcomes[i - 1])).toEqual([
      // Before the mails are listed.
      'MAILBOX_FAILED',
      // On each connection at the first of them.
      'MAIL_UNREADABLE',
      // Each comes on a connection of its own, in the end both on one.
      'a.pdf: one, a.pdf: two',
    ]);
    expect(await server.messages({ user })).toHaveLength(2);
  }, 120_000);

  test('a network that swallows everything ends in bounded time', async () => {
    await deliver('one', 'a.pdf', Buffer.alloc(100_000));
    const proxy = await startProxy({ to: server.ports.pop3, blackHoleAfter: 1500 });
    // Three times so long; a busy server takes a part of it to let anybody in.
    const l = listener({ tls: 'none', host: '127.0.0.1', port: proxy.port, timeoutMs: 2000 });
    await expect(readAll(l)).rejects.toMatchObject({ code: 'MAIL_UNREADABLE', transient: true });
    await proxy.stop();
  });

  test('two hundred mails behind a slow network cost a few round trips, not one a mail', async () => {
    const subjects = Array.from({ length: 200 }, (_, i) => `mail ${String(i)}`);
    for (const subject of subjects) await deliver(subject);
    const proxy = await startProxy({ to: server.ports.pop3, roundTripMs: 2 });
    const l = listener({ tls: 'none', host: '127.0.0.1', port: proxy.port });
    const session = await l.connect();
    const found = [];
    for await (const ref of session.list()) found.push(ref);
    const deliveries = await Promise.all(found.map((ref) => session.open(ref)));
    expect(deliveries.map((d) => d.attributes['subject'])).toEqual(subjects);
    for (const delivery of deliveries) await delivery[Symbol.asyncDispose]();
    const settled = await session.settle(found.map((ref) => ({ ref, end: 'accept' })));
    expect(settled.every(({ how }) => how === 'removed')).toBe(true);
    expect(await server.messages({ user })).toEqual([]);
    await proxy.stop();
  }, 60_000);
});
