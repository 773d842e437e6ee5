// The known ways of Gmail and of Exchange, by a scripted server: what the user gets, and that the next poll goes on.
import { byExtension, Launcher, memoryLedger } from '@lanceur/core';
import { memoryCold } from '@lanceur/core/testing';
import { imap, keep, remove, type ImapOptions } from '@lanceur/protocols/imap';
import { afterEach, describe, expect, test } from 'vitest';
import {
  FULL,
  ScriptedAccount,
  startScriptedImap,
  type ScriptedImap,
  type ScriptedMail,
  type ScriptedOptions,
} from '../../servers/scripted-imap.js';

let server: ScriptedImap | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const GMAIL = [...FULL, 'X-GM-EXT-1'];

const mail = (uid: number, more: Partial<ScriptedMail> = {}): ScriptedMail => ({
  uid,
  emailId: `18${String(uid)}`,
  attachments: [{ name: `${String(uid)}.pdf`, content: Buffer.from(`content of ${String(uid)}`) }],
  ...more,
});

/** A launcher at a scripted server, and what came of it. */
async function start(scripted: ScriptedOptions, options: Partial<ImapOptions> = {}) {
  server = await startScriptedImap(scripted);
  const cold = memoryCold();
  const launcher = new Launcher({
    id: '1',
    listener: imap({
      host: '127.0.0.1',
      port: server.port,
      tls: 'none',
      user: 'jean',
      password: 'secret',
      timeoutMs: 5000,
      ...options,
    }),
    grouper: byExtension({ pdf: '87' }),
    submitter: cold,
    ledger: memoryLedger(),
  });
  return { launcher, arrived: () => cold.arrivals.map(({ name }) => name).sort() };
}

describe('Gmail', () => {
  test('a mail that is labelled again comes under another UID, and is known by its X-GM-MSGID', async () => {
    const account = new ScriptedAccount([mail(1), mail(2)]);
    const { launcher, arrived } = await start({ account, capabilities: GMAIL }, { after: remove() });
    await launcher.run();
    expect(account.folders.get('INBOX')).toEqual([]);
    // Another client answers it: Gmail shows it in the inbox again, and its size by that server may differ.
    account.add('INBOX', mail(1, { subject: 'mail 1', messageId: '' }));
    await launcher.run();
    expect(arrived()).toEqual(['1.pdf', '2.pdf']);
  });

  test('a deletion that archives: gone from the inbox, still in "All Mail", and taken once', async () => {
    const account = new ScriptedAccount([mail(1)]);
    account.folders.set('[Gmail]/Tous les messages', [mail(7, { emailId: '181' })]);
    const { launcher, arrived } = await start({ account, capabilities: GMAIL }, { after: remove() });
    await launcher.run();
    await launcher.run();
    expect(account.folders.get('INBOX')).toEqual([]);
    expect(account.folders.get('[Gmail]/Tous les messages')).toHaveLength(1);
    expect(arrived()).toEqual(['1.pdf']);
  });

  test('"All Mail" that is watched shows accepted mail for ever, and sends none of it again', async () => {
    const account = new ScriptedAccount();
    account.folders.set('[Gmail]/Tous les messages', [mail(1), mail(2)]);
    const { launcher, arrived } = await start(
      { account, capabilities: GMAIL },
      { mailbox: '[Gmail]/Tous les messages', after: keep() },
    );
    for (let poll = 0; poll < 3; poll++) await launcher.run();
    expect(arrived()).toEqual(['1.pdf', '2.pdf']);
  });

  test('a limit on bandwidth stops the run with its words, costs no attempt, and the next poll goes on', async () => {
    let limited = true;
    const { launcher, arrived } = await start({
      capabilities: GMAIL,
      mails: [mail(1), mail(2)],
      meddle: ({ tag, name, line }) =>
        limited && name === 'FETCH' && line.includes('BODYSTRUCTURE')
          ? {
              send: `${tag} NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)\r\n* BYE Session ended\r\n`,
            }
          : undefined,
    });
    const failed = await launcher.run().catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'MAILBOX_FAILED', transient: true });
    expect((failed as Error).message).toContain('bandwidth limits');
    limited = false;
    await launcher.run();
    expect(arrived()).toEqual(['1.pdf', '2.pdf']);
  });

  test('too many connections are no wrong password: the next poll logs in', async () => {
    const { launcher, arrived } = await start({
      capabilities: GMAIL,
      mails: [mail(1)],
      meddle: ({ tag, name, nth }) =>
        name === 'AUTHENTICATE' && nth === 1
          ? { send: `${tag} NO [ALERT] Too many simultaneous connections. (Failure)\r\n` }
          : undefined,
    });
    await expect(launcher.run()).rejects.toMatchObject({ code: 'MAILBOX_FAILED', transient: true });
    await launcher.run();
    expect(arrived()).toEqual(['1.pdf']);
  });
});

describe('Exchange and Microsoft 365', () => {
  const greeting = '* OK The Microsoft Exchange IMAP4 service is ready.\r\n';

  // imapflow waits as long as it is told to, so that the answer here is short.
  test.each([
    'BAD Request is throttled. Suggested Backoff Time: 50 milliseconds',
    'NO Request is throttled. Suggested Backoff Time: 50 milliseconds',
    'NO Server Unavailable. 15',
    'BAD User is authenticated but not connected.',
  ])('%s, to SELECT: the source has failed for now, and the next poll takes the mail', async (answer) => {
    let isBusy = true;
    const { launcher, arrived } = await start({
      greeting,
      mails: [mail(1)],
      meddle: ({ tag, name }) =>
        isBusy && name === 'SELECT'
          ? { send: `${tag} ${answer}\r\n* BYE Connection closed. 14\r\n` }
          : undefined,
    });
    const failed = await launcher.run().catch((error: unknown) => error);
    expect(failed).toMatchObject({ scope: 'source', transient: true });
    isBusy = false;
    await launcher.run();
    expect(arrived()).toEqual(['1.pdf']);
  });

  test('a throttled FETCH counts against no mail', async () => {
    let isBusy = true;
    const { launcher, arrived } = await start({
      greeting,
      mails: [mail(1), mail(2)],
      meddle: ({ tag, name, line }) =>
        isBusy && name === 'FETCH' && line.includes('BODY.PEEK[2]')
          ? {
              send: `${tag} BAD Request is throttled. Suggested Backoff Time: 50 milliseconds\r\n* BYE Connection closed. 14\r\n`,
            }
          : undefined,
    });
    const failed = await launcher.run().catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'MAILBOX_FAILED', transient: true });
    expect((failed as Error).message).toContain('throttled');
    expect(arrived()).toEqual([]);
    expect(server?.folders.get('Lanceur/Rejected') ?? []).toEqual([]);
    expect(server?.folders.get('INBOX')).toHaveLength(2);
    isBusy = false;
    await launcher.run();
    expect(arrived()).toEqual(['1.pdf', '2.pdf']);
  });

  test('a mailbox that was moved to another database renumbers its mails, and none is sent again', async () => {
    const account = new ScriptedAccount(
      [1, 2, 3].map((uid) => mail(uid, { subject: `s${String(uid)}`, messageId: `<${String(uid)}@x>` })),
    );
    const { launcher, arrived } = await start({ account, greeting }, { after: keep() });
    await launcher.run();
    account.renumber();
    await launcher.run();
    expect(arrived()).toEqual(['1.pdf', '2.pdf', '3.pdf']);
  });

  test('a folder is found by the name that its owner sees, whatever the language', async () => {
    const account = new ScriptedAccount();
    account.folders.set('Bo&AO4-te de r&AOk-ception/Factures', [mail(1)]);
    const { launcher, arrived } = await start(
      { account, greeting },
      { mailbox: 'boîte de réception/factures', after: keep() },
    );
    await launcher.run();
    expect(arrived()).toEqual(['1.pdf']);
  });
});
