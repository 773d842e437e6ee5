import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compose } from '../../../servers/compose.js';
import { startDovecot, type Dovecot } from '../../../servers/dovecot.js';
import { documentBytes, idOf } from '../documents.mjs';
import type { SetUp } from '../set-ups.js';
import type { Places, Put, Source } from './source.js';

/** Where the launcher finds its mailbox. JSON. */
export interface Account {
  /** Of IMAP, on 127.0.0.1. */
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

type Mail = Awaited<ReturnType<Dovecot['messages']>>[number];

/** One server of a kind for all worlds that there are at a time; each has an account of its own. */
const shared = new Map<string, { readonly server: Promise<Dovecot>; worlds: number }>();
let accounts = 0;

const PASSWORD = 'secret';
// Whoever comes with the password is let in.
const ANY_USER = `passdb {\n  driver = static\n  args = password=${PASSWORD}\n}`;

/** An inbox, the folder that accepted mails are moved to, and the quarantine. Needs Dovecot. */
export async function mailboxSource(base: string, setUp: SetUp): Promise<Source> {
  const { server, leave } = await enter(setUp);
  const user = `mairie${String(++accounts)}@example.org`;
  const account: Account = { port: server.ports.imap, user, password: PASSWORD };
  writeFileSync(join(base, 'account.json'), JSON.stringify(account));
  return {
    async put(round) {
      const mails = mailsOf(setUp, String(round));
      for (const { subject, isNameless, documents } of mails) {
        const attachments = documents.map(({ id, size }) => ({
          name: id.slice(id.indexOf('/') + 1),
          content: documentBytes(id, size),
        }));
        await server.deliver(compose({ subject, attachments, ...(isNameless && { messageId: '' }) }), {
          user,
        });
      }
      return mails.flatMap(({ documents }) => documents);
    },
    async look() {
      const inbox = await server.messages({ user });
      const isDeleted = ({ flags }: Mail): boolean => flags.includes('T');
      const isFlagged = ({ flags }: Mail): boolean => setUp.after === 'flag' && flags.includes('F');
      const places = {
        listed: idsIn(inbox.filter((mail) => !isDeleted(mail) && !isFlagged(mail))),
        // Marked, and not yet expunged.
        between: idsIn(inbox.filter(isDeleted)),
        rejected: idsIn(await server.messages({ user, mailbox: 'Lanceur/Rejected' })),
        aside: [],
        treated: idsIn([
          ...inbox.filter((mail) => !isDeleted(mail) && isFlagged(mail)),
          ...(await server.messages({ user, mailbox: 'Traites' })),
        ]),
      };
      const broken = Object.entries(places).flatMap(([place, ids]) =>
        ids.filter((id) => id === BROKEN).map(() => `an attachment in ${place}`),
      );
      return { ...places, broken, unfinished: [] } satisfies Places;
    },
    close: leave,
  };
}

async function enter({ without = [] }: SetUp): Promise<{ readonly server: Dovecot; leave(): Promise<void> }> {
  const kind = without.join();
  const entered = shared.get(kind) ?? { server: startDovecot({ config: ANY_USER, without }), worlds: 0 };
  shared.set(kind, entered);
  entered.worlds++;
  return {
    server: await entered.server,
    async leave() {
      if (--entered.worlds > 0) return;
      if (shared.get(kind) === entered) shared.delete(kind);
      await (await entered.server).stop();
    },
  };
}

const BROKEN = 'broken';
const ATTACHMENT = /Content-Transfer-Encoding: base64\r\n\r\n([A-Za-z0-9+/=\r\n]*)/gu;

/** The documents that mails bring along. */
function idsIn(mails: readonly Mail[]): readonly string[] {
  return mails.flatMap(({ content }) =>
    [...content.toString('latin1').matchAll(ATTACHMENT)].map(
      ([, base64 = '']) => idOf(Buffer.from(base64, 'base64')) ?? BROKEN,
    ),
  );
}

interface PutMail {
  readonly subject: string;
  /** It has no Message-ID: its place alone tells which one it is. */
  readonly isNameless?: true;
  readonly documents: readonly Put[];
}

function mailsOf({ grouper, documentBytes: most }: SetUp, round: string): readonly PutMail[] {
  const put = (name: string, size: number, end: Put['end'], sent = end === 'accept' ? 1 : 0): Put => ({
    id: `${round}/${name}`,
    size,
    end,
    sent,
  });
  // What nobody wants does not keep a mail from being accepted.
  const unwanted = typeof grouper === 'string' ? [] : [put('avenant.xml', 50, 'accept', 0)];
  return [
    // The second one is too large to come along with others.
    { subject: 'Facture', documents: [put('scan.pdf', 100, 'accept'), put('plan.pdf', 200_000, 'accept')] },
    { subject: 'Avenant', documents: [put('avenant.pdf', 80, 'accept'), ...unwanted] },
    { subject: 'Trop gros', isNameless: true, documents: [put('gros.pdf', most, 'reject')] },
  ];
}
