import { byExtension, Launcher, memoryLedger, type LanceurError } from '@lanceur/core';
import { memoryCold } from '@lanceur/core/testing';
import { expect, test } from 'vitest';
import { list, mailbox, readAll, refs, withSession } from './mailbox.js';
import { mailWith } from './mails.js';

const mails = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    uidl: `u${String(i + 1)}`,
    content: mailWith(`mail ${String(i + 1)}`, [{ name: 'a.pdf', content: 'a' }]),
  }));

const SYSTEM = '-ERR [SYS/TEMP] Internal error occurred. Refer to server log for more information.\r\n';

test('unique ids with blanks are ids as a whole', async () => {
  const uidls = ['2026-11-24 08:00:00 1', '2026-11-24 08:00:00 2', 'x'.repeat(70)];
  const { listener } = await mailbox({ mails: mails(3).map((mail, i) => ({ ...mail, uidl: uidls[i]! })) });
  expect((await list(listener())).map(({ id, notReady }) => [id, notReady])).toEqual(
    uidls.map((uidl) => [uidl, undefined]),
  );
  expect(await readAll(listener())).toEqual([['a.pdf: a'], ['a.pdf: a'], ['a.pdf: a']]);
});

test.each([SYSTEM, '-ERR [SYS/PERM] message is damaged\r\n'])(
  'a mail for which the server blames itself (%j) keeps no other from being taken',
  async (answer) => {
    const { server, listener } = await mailbox({
      mails: mails(4),
      instead: (command) => (command === 'RETR 1' ? answer : undefined),
    });
    const launcher = new Launcher({
      id: '16',
      listener: listener(),
      grouper: byExtension({ pdf: '87' }),
      submitter: memoryCold(),
      ledger: memoryLedger(),
      concurrency: 1,
    });
    const { counts, left } = await launcher.run();
    await launcher.close();
    expect(counts.accepted).toBe(3);
    expect(left.map(({ name, reason }) => [name, reason.code])).toEqual([['mail 1', 'MAIL_UNREADABLE']]);
    expect(server.mails.map(({ uidl }) => uidl)).toEqual(['u1']);
  },
);

test('a server that blames itself at every mail is believed, after five of them', async () => {
  const { listener } = await mailbox({
    mails: mails(8),
    instead: (command) => (command.startsWith('RETR') ? SYSTEM : undefined),
  });
  const codes: string[] = [];
  await withSession(listener(), async (session) => {
    for (const ref of await refs(session)) {
      codes.push(
        await session.open(ref).then(
          () => 'came',
          (error: unknown) => (error as LanceurError).code,
        ),
      );
    }
  });
  const five = Array.from({ length: 5 }, () => 'MAIL_UNREADABLE');
  expect(codes).toEqual([...five, 'MAILBOX_FAILED', 'MAILBOX_FAILED', 'MAILBOX_FAILED']);
});

test('headers that the server does not give for now are asked for again, and no mail passes for a new one meanwhile', async () => {
  let isDown = true;
  const { listener } = await mailbox({
    mails: mails(2),
    instead: (command) => (isDown && command.startsWith('TOP') ? SYSTEM : undefined),
  });
  const since = listener({ from: new Date('2026-11-30T00:00:00Z') });
  const codes = (found: Awaited<ReturnType<typeof list>>) => found.map(({ notReady }) => notReady?.code);
  expect(codes(await list(since))).toEqual(['MAIL_UNREADABLE', 'MAIL_UNREADABLE']);
  isDown = false;
  expect(codes(await list(since))).toEqual(['BEFORE_START', 'BEFORE_START']);
});

test('headers that the server does not give for now cost a mail its name at this poll alone', async () => {
  let isDown = true;
  const { listener } = await mailbox({
    mails: mails(1),
    instead: (command) => (isDown && command.startsWith('TOP') ? SYSTEM : undefined),
  });
  const l = listener();
  expect((await list(l)).map(({ name }) => name)).toEqual(['mail u1']);
  isDown = false;
  expect((await list(l)).map(({ name, same }) => [name, same !== undefined])).toEqual([['mail 1', true]]);
});

test('a header without end ends its connection, and costs its mail the name', async () => {
  const { listener } = await mailbox({
    mails: mails(2),
    instead: (command) =>
      command === 'TOP 1 0' ? Buffer.from(`+OK\r\n${'X-Filler: x\r\n'.repeat(50_000)}`) : undefined,
  });
  // Its silence afterwards is not waited for.
  const found = await list(listener({ largestMail: 100_000 }));
  expect(found.map(({ name }) => name)).toEqual(['mail u1', 'mail 2']);
});

test.each([
  ['-ERR Your account is locked after too many attempts', 'LOGIN_REFUSED'],
  ['-ERR user jean is locked out', 'LOGIN_REFUSED'],
  ['-ERR mailbox of user jean is locked by another session', 'MAILBOX_BUSY'],
  ['-ERR maildrop already locked', 'MAILBOX_BUSY'],
])('a login that is refused with %j', async (answer, code) => {
  const { listener } = await mailbox({
    instead: (command) => (command.startsWith('PASS') ? `${answer}\r\n` : undefined),
  });
  await expect(listener().connect()).rejects.toMatchObject({ code });
});
