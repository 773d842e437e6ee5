import type { LifeItem, LifeKept, LifeSource, Story } from '@lanceur/core/testing';
import type { ScriptedAccount, ScriptedMail as ImapMail } from '../../servers/scripted-imap.js';
import type { ScriptedMail as Pop3Mail } from '../../servers/scripted-pop3.js';

export const ACCEPTED = 'Lanceur/Accepted';
export const REJECTED = 'Lanceur/Rejected';

/** A mailbox as people see it who write to it, move mails about in it, and empty it. */
export interface Mailbox extends LifeSource {
  readonly renumber: () => void;
}

/**
 * The subject that a life's mail has. All subjects are of different lengths, so that mails which share their Message-ID and
 * their date still differ in size.
 */
function subjectOf(name: string): string {
  return `${name}-${'x'.repeat(Number(name.slice(1)))}`;
}

/** As `same` has it: mails of a program that gives all of them one Message-ID, or of one that gives none. */
function messageIdOf({ name }: LifeItem, story: Story): string {
  if (!story.source.same) return '';
  return story.seed % 2 === 0 ? '<all@example.org>' : `<${name}@example.org>`;
}

/** @param cut - ends all sessions. */
export function imapMailbox(story: Story, account: ScriptedAccount, cut: () => void): Mailbox {
  const contentsOf = ({ attachments = [] }: ImapMail) => attachments.map(({ content }) => textOf(content));
  const mailsIn = (folder: string) => account.folders.get(folder) ?? [];
  const isCalled = (name: string) => (mail: ImapMail) => mail.subject === subjectOf(name);
  /** What people have a copy of. */
  const ever = new Map<string, ImapMail>();
  return {
    nameOf: subjectOf,
    put(item) {
      const mail: ImapMail = {
        uid: 0,
        subject: subjectOf(item.name),
        messageId: messageIdOf(item, story),
        emailId: `M${item.name}`,
        attachments: item.documents.map(({ name, content }) => ({ name, content: Buffer.from(content) })),
      };
      ever.set(item.name, mail);
      account.add('INBOX', mail);
    },
    rewrite: () => false,
    remove(name) {
      const isThere = mailsIn('INBOX').some(isCalled(name));
      account.keep('INBOX', (mail) => !isCalled(name)(mail));
      return isThere;
    },
    renumber() {
      // RFC 3501, section 2.3.1.1: not while a client relies on it.
      cut();
      account.renumber();
    },
    // Without a mark of its own a mail that comes back is another mail.
    ...(story.source.same && {
      putBack(name: string) {
        const copy = ever.get(name);
        if (copy === undefined || mailsIn('INBOX').some(isCalled(name))) return false;
        for (const folder of [ACCEPTED, REJECTED]) account.keep(folder, (mail) => !isCalled(name)(mail));
        account.add('INBOX', copy);
        return true;
      },
    }),
    holds: () => mailsIn('INBOX').map(contentsOf),
    keeps: () =>
      (
        [
          [ACCEPTED, 'accept'],
          [REJECTED, 'reject'],
        ] as const
      ).flatMap(([folder, end]) =>
        mailsIn(folder).map((mail): LifeKept => ({ end, contents: contentsOf(mail) })),
      ),
  };
}

interface LifeMail extends Pop3Mail {
  readonly name: string;
  readonly contents: readonly string[];
}

/** A mailbox that is read by POP3. */
export class Maildrop {
  mails: LifeMail[] = [];
}

/** As {@link imapMailbox}. */
export function pop3Mailbox(story: Story, maildrop: Maildrop, cut: () => void): Mailbox {
  const ever = new Map<string, LifeMail>();
  let generation = 0;
  let copies = 0;
  const isThere = (name: string) => maildrop.mails.some((mail) => mail.name === name);
  return {
    nameOf: subjectOf,
    put(item) {
      const mail: LifeMail = {
        name: item.name,
        uidl: `${item.name}@${String(generation)}`,
        contents: item.documents.map(({ content }) => content),
        content: writtenOut(item, messageIdOf(item, story)),
      };
      ever.set(item.name, mail);
      maildrop.mails = [...maildrop.mails, mail];
    },
    rewrite: () => false,
    remove(name) {
      const was = isThere(name);
      maildrop.mails = maildrop.mails.filter((mail) => mail.name !== name);
      return was;
    },
    renumber() {
      cut();
      generation++;
      maildrop.mails = [...maildrop.mails]
        .reverse()
        .map((mail) => ({ ...mail, uidl: `${mail.name}@${String(generation)}` }));
    },
    putBack(name, { anew }) {
      const copy = ever.get(name);
      if (copy === undefined || isThere(name)) return false;
      const uidl = anew ? `${name}~${String(++copies)}` : `${name}@${String(generation)}`;
      maildrop.mails = [...maildrop.mails, { ...copy, uidl }];
      return true;
    },
    holds: () => maildrop.mails.map(({ contents }) => contents),
    keeps: () => [],
  };
}

function writtenOut({ name, documents }: LifeItem, messageId: string): string {
  const lines = [
    `Subject: ${subjectOf(name)}`,
    'Date: Tue, 24 Nov 2026 08:00:00 +0000',
    ...(messageId === '' ? [] : [`Message-ID: ${messageId}`]),
    'Content-Type: multipart/mixed; boundary="b"',
    '',
  ];
  for (const document of documents) {
    lines.push(
      '--b',
      'Content-Type: application/octet-stream',
      'Content-Transfer-Encoding: base64',
      `Content-Disposition: attachment; filename="${document.name}"`,
      '',
      Buffer.from(document.content).toString('base64'),
    );
  }
  return [...lines, '--b--', ''].join('\r\n');
}

function textOf(content: Uint8Array): string {
  return Buffer.from(content).toString();
}
