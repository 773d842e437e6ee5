import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { seededRandom } from '@lanceur/core/testing';
import { imap } from '@lanceur/protocols/imap';
import { pop3 } from '@lanceur/protocols/pop3';
import { startDovecot, type Dovecot } from '../../../servers/dovecot.js';
import { differenceOf, told, toldApart, type Difference } from './differences.js';
import { drawOf } from './draw.js';
import { mutated } from './mutate.js';
import { readMailbox, readPieces, type Outcome } from './readers.js';
import { drawMail } from './senders.js';
import {
  documentsOf,
  messageSource,
  wire,
  type Asked,
  type Document,
  type MadeDocument,
} from './structure.js';
import { disagreementOf, opinionsOf } from './third-opinion.js';

export interface FuzzReport {
  /** Undamaged ones, and as many damaged ones. */
  readonly mails: number;
  readonly documents: number;
  /** Undamaged mails that a third reader has read too. */
  readonly opinions: number;
  /** Mails of which it is said that something is not as it should be. */
  readonly said: number;
  /** How many damaged mails ended in an error of each code, by either protocol. */
  readonly errors: Readonly<Record<string, number>>;
  /** Damaged mails that are not the same by both protocols, by what is not: their seeds. */
  readonly differences: Readonly<Partial<Record<Difference, readonly number[]>>>;
}

/** A mail that is read as none may be: its seed makes it again. */
class FuzzFailure extends Error {
  readonly bytes: Buffer;

  constructor({ seed, sender, bytes }: Mail, why: string, options?: ErrorOptions) {
    super(`seed ${String(seed)} (${sender}): ${why}`, options);
    this.bytes = bytes;
  }
}

export interface Fuzz {
  /**
   * Makes a mail of each seed, and a damaged one, and has both read by POP3 and by IMAP from Dovecot, and in pieces. Undamaged
   * ones have to come out as they were made; damaged ones in the same way however they are cut.
   *
   * @returns the report of all rounds so far
   * @throws FuzzFailure with the bytes of the mail
   */
  round(seeds: readonly number[]): Promise<FuzzReport>;
  stop(): Promise<void>;
}

interface Mail {
  readonly seed: number;
  readonly sender: string;
  readonly asked: Asked;
  readonly bytes: Buffer;
  /** What must come out of it; absent for a damaged one. */
  readonly documents?: readonly MadeDocument[];
}

interface Outcomes {
  readonly mail: Mail;
  readonly pop3: Outcome;
  readonly imap: Outcome;
}

const DOCUMENTS = {
  attachments: {},
  everything: { attachments: true, body: true, message: true, inlineAbove: 0, attached: true },
} as const;

/** Mailboxes of one server, each for one half of a round. Then it takes what it holds away. */
const MAILBOXES = 50;

/** @param python - where Python is; without it there is no third opinion */
export async function openFuzz(python: string | undefined): Promise<Fuzz> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lanceur-fuzz-mail-'));
  let server: Dovecot | undefined;
  let used = 0;
  let report: FuzzReport | undefined;
  const mailbox = async (): Promise<{ readonly server: Dovecot; readonly user: string }> => {
    if (used === MAILBOXES) {
      await server?.stop();
      server = undefined;
      used = 0;
    }
    server ??= await startDovecot({ users: USERS });
    return { server, user: userOf(used++) };
  };
  return {
    async round(seeds) {
      const reports: FuzzReport[] = [];
      for (const asked of ['attachments', 'everything'] as const) {
        const mails = seeds.filter((seed) => askedOf(seed) === asked).map((seed) => mailOf(seed, asked));
        const damaged = mails.map((mail) => damagedOf(mail));
        if (mails.length === 0) continue;
        const outcomes = await readAll([...mails, ...damaged], await mailbox(), folder);
        for (const each of outcomes) await expectSameInPieces(each, folder);
        for (const each of outcomes.slice(0, mails.length)) expectAsMade(each);
        const opinions =
          python === undefined || asked === 'everything' ? 0 : await expectAgreement(mails, python);
        reports.push(reportOf(outcomes, mails.length, opinions));
      }
      report = sumOf([...(report === undefined ? [] : [report]), ...reports]);
      return report;
    },
    async stop() {
      await server?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const userOf = (n: number): string => `u${String(n)}@example.org`;
const USERS = Object.fromEntries(Array.from({ length: MAILBOXES }, (_, n) => [userOf(n), 'secret']));

function askedOf(seed: number): Asked {
  return seed % 4 < 2 ? 'attachments' : 'everything';
}

function mailOf(seed: number, asked: Asked): Mail {
  const { sender, mail } = drawMail(drawOf(seed));
  return { seed, sender, asked, bytes: wire(messageSource(mail)), documents: documentsOf(mail, asked) };
}

function damagedOf({ seed, sender, asked, bytes }: Mail): Mail {
  const other = wire(messageSource(drawMail(drawOf(seed + 1)).mail));
  return { seed, sender, asked, bytes: asServed(mutated(seededRandom(seed).fork('damage'), bytes, other)) };
}

/** As a server hands it over: lines end in CR LF, the last one too, and no NUL is in it, which Dovecot has others for by IMAP. */
function asServed(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1').replaceAll('\0', '0').replace(/\r?\n/gu, '\r\n');
  return Buffer.from(text.endsWith('\r\n') ? text : `${text}\r\n`, 'latin1');
}

async function readAll(
  mails: readonly Mail[],
  { server, user }: { readonly server: Dovecot; readonly user: string },
  folder: string,
): Promise<readonly Outcomes[]> {
  for (const { bytes } of mails) await server.deliver(bytes, { user });
  const documents = DOCUMENTS[mails[0]!.asked];
  const account = { host: server.host, tls: 'none', user, password: 'secret', documents } as const;
  const [byPop3, byImap] = await Promise.all([
    readMailbox(
      pop3({ ...account, port: server.ports.pop3, spool: path.join(folder, 'spool') }),
      mails.length,
    ),
    readMailbox(imap({ ...account, port: server.ports.imap }), mails.length),
  ]);
  return mails.map((mail, i) => {
    const [one, other] = [byPop3[i]!, byImap[i]!];
    for (const outcome of [one, other]) {
      if (outcome instanceof Error) throw new FuzzFailure(mail, outcome.message, { cause: outcome });
    }
    return { mail, pop3: one as Outcome, imap: other as Outcome };
  });
}

async function expectSameInPieces({ mail, pop3: whole }: Outcomes, folder: string): Promise<void> {
  const random = seededRandom(mail.seed).fork('pieces');
  const pieces = await readPieces(mail.bytes, DOCUMENTS[mail.asked], path.join(folder, 'pieces'), random);
  if (pieces instanceof Error) throw new FuzzFailure(mail, pieces.message, { cause: pieces });
  if (isDeepStrictEqual(pieces, whole)) return;
  const [one, other] = toldApart(pieces, whole);
  throw new FuzzFailure(mail, `in pieces it is ${one}\n  whole it is ${other}`);
}

function expectAsMade({ mail, pop3: byPop3, imap: byImap }: Outcomes): void {
  const { sender } = mail;
  const documents = (mail.documents ?? []).map(({ name, content }): Document => ({ name, content }));
  for (const [protocol, outcome] of [
    ['POP3', byPop3],
    ['IMAP', byImap],
  ] as const) {
    if ('documents' in outcome && isDeepStrictEqual(outcome.documents, documents)) continue;
    const [is, made] = toldApart(outcome, { documents, problems: undefined });
    throw new FuzzFailure(mail, `by ${protocol} it is ${is}\n  it was made of ${made}`);
  }
  // By IMAP nobody sees whether a mail was closed.
  const problems = 'problems' in byPop3 && byPop3.problems !== undefined;
  if (problems !== (sender === 'never closed'))
    throw new FuzzFailure(mail, `what is said of it: ${told(byPop3)}`);
  if ('problems' in byImap && byImap.problems !== undefined)
    throw new FuzzFailure(mail, `what is said of it: ${told(byImap)}`);
}

/** How many mails a third reader was asked about. */
async function expectAgreement(mails: readonly Mail[], python: string): Promise<number> {
  const plain = mails.filter(({ seed }) => drawOf(seed).isPlain);
  const opinions = await opinionsOf(
    plain.map(({ bytes }) => bytes),
    python,
  );
  for (const [i, mail] of plain.entries()) {
    const disagreement = disagreementOf(mail.documents ?? [], opinions[i]!);
    if (disagreement !== undefined) throw new FuzzFailure(mail, disagreement);
  }
  return plain.length;
}

function reportOf(outcomes: readonly Outcomes[], mails: number, opinions: number): FuzzReport {
  const errors: Record<string, number> = {};
  const differences: Partial<Record<Difference, readonly number[]>> = {};
  let documents = 0;
  let said = 0;
  for (const { mail, pop3: byPop3, imap: byImap } of outcomes) {
    for (const outcome of [byPop3, byImap]) {
      if ('error' in outcome) errors[outcome.error] = (errors[outcome.error] ?? 0) + 1;
      else documents += outcome.documents.length;
    }
    if ('problems' in byPop3 && byPop3.problems !== undefined) said++;
    const difference = differenceOf(byPop3, byImap);
    if (difference !== undefined) differences[difference] = [...(differences[difference] ?? []), mail.seed];
  }
  return { mails, documents, opinions, said, errors, differences };
}

function sumOf(reports: readonly FuzzReport[]): FuzzReport {
  const errors: Record<string, number> = {};
  const differences: Partial<Record<Difference, readonly number[]>> = {};
  for (const report of reports) {
    for (const [code, count] of Object.entries(report.errors)) errors[code] = (errors[code] ?? 0) + count;
    for (const [kind, seeds] of Object.entries(report.differences) as [Difference, readonly number[]][]) {
      differences[kind] = [...(differences[kind] ?? []), ...seeds];
    }
  }
  const total = (of: 'mails' | 'documents' | 'opinions' | 'said'): number =>
    reports.reduce((sum, each) => sum + each[of], 0);
  return {
    mails: total('mails'),
    documents: total('documents'),
    opinions: total('opinions'),
    said: total('said'),
    errors,
    differences,
  };
}
