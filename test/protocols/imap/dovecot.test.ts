import { contentOf } from '@lanceur/core/testing';
import { imap, moveTo, remove, type ImapOptions } from '@lanceur/protocols/imap';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs } from '../../support/needs.js';
import { compose } from '../../servers/compose.js';
import { DOVECOT } from '../../servers/dovecot.js';
import { startStunnel, STUNNEL } from '../../servers/stunnel.js';
import { startAccounts, type Accounts } from './accounts.js';
import { listed, live } from './life.js';

const HAS_DOVECOT = needs(DOVECOT.program, DOVECOT);

describe.skipIf(!HAS_DOVECOT).each(['/', '.'] as const)(
  'folders of a server whose separator is %s',
  (separator) => {
    let accounts: Accounts;

    beforeAll(async () => {
      accounts = await startAccounts({ separator });
    });

    afterAll(async () => {
      await accounts.stop();
    });

    async function namesIn(account: ImapOptions, mailbox: string): Promise<readonly string[]> {
      const session = await imap({ ...account, mailbox, quarantine: 'Elsewhere' }).connect();
      const refs = await listed(session);
      await session.close();
      return refs.map(({ name }) => name);
    }

    test('are found as people write them', async () => {
      const account = accounts.next();
      const { user } = account;
      await accounts.server.deliver(compose({ subject: 'one' }), { user });
      for (const [mailbox, subject] of [
        ['Sent', 'sent'],
        ['Envoy&AOk-s', 'envoyé'],
        [`Factures${separator}2026`, 'nested'],
      ] as const) {
        await accounts.server.deliver(compose({ subject }), { user, mailbox });
      }
      for (const name of ['inbox', 'INBOX', 'Inbox']) expect(await namesIn(account, name)).toEqual(['one']);
      for (const name of ['Sent', 'SENT', '\\Sent']) expect(await namesIn(account, name)).toEqual(['sent']);
      for (const name of ['Envoyés', 'envoyés', 'Envoyés'.normalize('NFD'), 'Envoy&AOk-s'])
        expect(await namesIn(account, name)).toEqual(['envoyé']);
      for (const name of ['Factures/2026', 'factures/2026', `Factures${separator}2026`])
        expect(await namesIn(account, name)).toEqual(['nested']);
    });

    test('that are not there are said not to be, with those that are', async () => {
      const error = await imap({ ...accounts.next(), mailbox: 'Factures' })
        .connect()
        .catch((e: unknown) => e);
      expect(error).toMatchObject({ code: 'MAILBOX_GONE', scope: 'source' });
      expect((error as Error).message).toMatch(/INBOX.*Sent|Sent.*INBOX/u);
    });

    test('for accepted and rejected mail are made, and a rejected mail is put back from there', async () => {
      const account = accounts.next();
      const { user } = account;
      for (const subject of ['good', 'bad']) await accounts.server.deliver(compose({ subject }), { user });
      const session = await imap({ ...account, after: moveTo('Traités/2026') }).connect();
      const [good, bad] = await listed(session);
      const settled = await session.settle([
        { ref: good!, end: 'accept' },
        { ref: bad!, end: 'reject' },
      ]);
      expect(settled.map(({ how }) => how)).toEqual(['removed', 'removed']);
      expect(await namesIn(account, 'Traités/2026')).toEqual(['good']);
      expect(await namesIn(account, 'Lanceur/Rejected')).toEqual(['bad']);
      const [back] = await session.restore!([bad!]);
      expect(back?.same).toBe(bad?.same);
      expect(await namesIn(account, 'INBOX')).toEqual(['bad']);
      await session.close();
    });

    test('that may not be made are not: the mail stays, and that is said', async () => {
      const account = accounts.next();
      await accounts.server.deliver(compose(), { user: account.user });
      const life = await live(imap({ ...account, after: moveTo('Elsewhere', { create: false }) }));
      expect(life.settled).toMatchObject([{ how: 'failed', reason: { code: 'MAIL_NOT_SETTLED' } }]);
      expect(await namesIn(account, 'INBOX')).toEqual(['Facture']);
    });

    test('are tried by the doctor, who leaves none behind', async () => {
      const account = accounts.next();
      await accounts.server.deliver(compose(), { user: account.user });
      const before = await accounts.server.folders(account.user);
      const checks = await imap(account).check();
      expect(checks.map(({ result, message }) => [result, message])).toEqual(
        checks.map(() => ['ok', undefined]),
      );
      expect(checks).toHaveLength(4);
      const after = await accounts.server.folders(account.user);
      expect(
        after.filter((folder) => !before.includes(folder) && !/^\.(?:Sent|Trash|Junk)$/u.test(folder)),
      ).toEqual([]);
    });
  },
);

describe.skipIf(!HAS_DOVECOT)('mails in Dovecot', () => {
  let accounts: Accounts;

  beforeAll(async () => {
    accounts = await startAccounts();
  });

  afterAll(async () => {
    await accounts.stop();
  });

  test.skipIf(!needs(STUNNEL.program, STUNNEL))(
    'come through a local stunnel, with `tls: none` to this machine, and leave the mailbox by it',
    async () => {
      const { server } = accounts;
      const { user } = accounts.next();
      await server.deliver(compose({ subject: 'one' }), { user });
      const stunnel = await startStunnel({ port: server.ports.imaps, ca: server.ca });
      const through = (port: number) =>
        imap({ host: '127.0.0.1', port, tls: 'none', user, password: 'secret', timeoutMs: 20_000 });
      try {
        const { delivered, settled, errors } = await live(through(stunnel.port));
        expect(errors).toEqual([]);
        expect([...delivered.keys()]).toEqual(['one']);
        expect(settled.map(({ how }) => how)).toEqual(['removed']);
      } finally {
        await stunnel.stop();
      }
      // Nothing but the tunnel was on that port: what came, came through it.
      const error = await through(stunnel.port)
        .connect()
        .catch((e: unknown) => e);
      expect(error).toMatchObject({ scope: 'source', transient: true });
    },
  );

  test('give their attachments the names that people see, and both of two that share one', async () => {
    const account = accounts.next();
    const dispositions = [
      'attachment; filename="simple.pdf"',
      "attachment; filename*=utf-8''d%C3%A9lib%C3%A9ration.pdf",
      "attachment; filename*0*=iso-8859-1''d%E9; filename*1=cision.pdf",
      'attachment; filename="=?iso-8859-1?Q?re=E7u?=.pdf"',
      'attachment; filename="=?utf-8?B?w6ljb2xl?= =?utf-8?B?LnBkZg==?="',
      'attachment; filename="latin1 \xe9t\xe9.pdf"',
      'attachment; filename="../../etc/passwd"',
      'attachment; filename="facture.pdf"',
      'attachment; filename="FACTURE.PDF"',
      'attachment; filename=no quotes at all.pdf',
    ];
    const parts = dispositions.map(
      (each, i) =>
        `--b\r\nContent-Type: application/pdf\r\nContent-Disposition: ${each}\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(String(i)).toString('base64')}\r\n`,
    );
    const message = `Subject: names\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${parts.join('')}--b--\r\n`;
    await accounts.server.deliver(Buffer.from(message, 'latin1'), { user: account.user });
    const session = await imap(account).connect();
    const [ref] = await listed(session);
    const { documents } = await session.open(ref!);
    expect(documents.map(({ name }) => name)).toEqual([
      'simple.pdf',
      'délibération.pdf',
      'décision.pdf',
      'reçu.pdf',
      'école.pdf',
      'latin1 été.pdf',
      'passwd',
      'facture.pdf',
      'FACTURE (2).PDF',
      'no quotes at all.pdf',
    ]);
    expect((await Promise.all(documents.map(contentOf))).map(String)).toEqual(
      dispositions.map((_, i) => String(i)),
    );
    await session.close();
  });

  test('that are attached give theirs where that is wanted, and are whole by themselves', async () => {
    const account = accounts.next();
    const inner = compose({
      subject: 'inner',
      attachments: [{ name: 'deep.pdf', content: Buffer.from('deep') }],
    });
    const plain = 'Subject: plain\r\nContent-Type: application/pdf; name=alone.pdf\r\n\r\nalone';
    const message = [
      'Subject: outer\r\nContent-Type: multipart/mixed; boundary=outer\r\n\r\n',
      `--outer\r\nContent-Type: message/rfc822\r\n\r\n${inner.toString('latin1')}\r\n`,
      `--outer\r\nContent-Type: message/rfc822\r\n\r\n${plain}\r\n--outer--\r\n`,
    ].join('');
    await accounts.server.deliver(Buffer.from(message, 'latin1'), { user: account.user });
    const session = await imap({ ...account, documents: { attached: true } }).connect();
    const [ref] = await listed(session);
    const { documents } = await session.open(ref!);
    expect(documents.map(({ name }) => name)).toEqual(['inner.eml', 'deep.pdf', 'plain.eml', 'alone.pdf']);
    const contents = (await Promise.all(documents.map(contentOf))).map(String);
    expect(contents[0]).toContain('Subject: inner');
    expect([contents[1], contents[3]]).toEqual(['deep', 'alone']);
    await session.close();
  });

  test('that are nothing but a document are that document', async () => {
    const account = accounts.next();
    const message = `Subject: scan\r\nContent-Type: application/pdf; name="scan.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from('scan').toString('base64')}\r\n`;
    await accounts.server.deliver(message, { user: account.user });
    const session = await imap(account).connect();
    const [ref] = await listed(session);
    const { documents } = await session.open(ref!);
    expect(documents.map(({ name }) => name)).toEqual(['scan.pdf']);
    expect(String(await contentOf(documents[0]!))).toBe('scan');
    await session.close();
  });

  test.each([
    [
      '10,000 parts',
      `${'--b\r\nContent-Type: application/pdf; name=p.pdf\r\n\r\nx\r\n'.repeat(10_000)}--b--\r\n`,
    ],
    ['no end', '--b\r\nContent-Type: application/pdf; name=p.pdf\r\n\r\nx'],
    ['parts in parts in parts', nested(60)],
    [
      'base64 with rubbish',
      '--b\r\nContent-Type: application/pdf; name=p.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n!!e*A=\r\n--b--\r\n',
    ],
  ])('with %s keep no other from being taken', { timeout: 60_000 }, async (_, body) => {
    const account = accounts.next();
    const strange = `Subject: strange\r\nX-Long: ${'y'.repeat(100_000)}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${body}`;
    await accounts.server.deliver(strange, { user: account.user });
    await accounts.server.deliver(compose({ subject: 'good' }), { user: account.user });
    const life = await live(imap(account));
    expect([...life.delivered.keys()]).toContain('good');
    for (const error of life.errors) expect(error.scope).toBe('document');
  });

  test('are gone when somebody has deleted them, and the others are not', async () => {
    const account = accounts.next();
    const { user } = account;
    const attachments = [{ name: 'a.pdf', content: Buffer.from('a') }];
    for (const subject of ['one', 'two'])
      await accounts.server.deliver(compose({ subject, attachments }), { user });
    const session = await imap({ ...account, after: remove() }).connect();
    const [one, two] = await listed(session);
    const other = await imap({ ...account, after: remove() }).connect();
    await other.settle([{ ref: one!, end: 'accept' }]);
    await other.close();

    await expect(session.open(one!)).rejects.toMatchObject({ code: 'GONE' });
    const settled = await session.settle([one!, two!].map((ref) => ({ ref, end: 'accept' })));
    expect(settled.map(({ how }) => how)).toEqual(['gone', 'removed']);
    await session.close();
    expect(await accounts.server.messages({ user })).toEqual([]);
  });

  test('of 200 MB are read in constant memory', { timeout: 240_000 }, async () => {
    const account = accounts.next();
    const MB = 1024 * 1024;
    const content = Buffer.alloc(200 * MB, 'lanceur ');
    await accounts.server.deliver(compose({ attachments: [{ name: 'big.pdf', content }] }), {
      user: account.user,
    });
    const session = await imap(account).connect();
    const [ref] = await listed(session);
    const { documents } = await session.open(ref!);
    let size = 0;
    let most = 0;
    const before = process.memoryUsage().arrayBuffers;
    for await (const chunk of documents[0]!.open()) {
      size += (chunk as Buffer).length;
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    await session.close();
    expect(size).toBe(content.length);
    // Pieces that nobody has collected yet count as well.
    expect(most).toBeLessThan(100 * MB);
  });
});

function nested(depth: number): string {
  let body = 'Content-Type: application/pdf; name=p.pdf\r\n\r\nx\r\n';
  for (let i = 0; i < depth; i++) {
    const boundary = `n${String(i)}`;
    body = `Content-Type: multipart/mixed; boundary=${boundary}\r\n\r\n--${boundary}\r\n${body}--${boundary}--\r\n`;
  }
  return `--b\r\n${body}--b--\r\n`;
}
