import { LanceurError } from '@lanceur/core';
import type { FetchMessageObject } from 'imapflow';
import { expectNotTooLarge } from '../mail/largest.js';
import type { Connection } from './connection.js';
import { Refused } from './faults.js';
import { Gather } from './gather.js';
import { InOrder } from './in-order.js';
import type { KnownDocument } from './mails.js';

/** Parts up to this many encoded bytes are fetched together with those of other mails, and held until they are read. */
const SMALL = 256 * 1024;
/** The most of one mail that is held at a time. */
const SMALL_OF_ONE = 1024 * 1024;
/** The most that one FETCH asks for. */
const MOST_MAILS = 64;
const MOST_BYTES = 4 * 1024 * 1024;
/** Large parts come in pieces, one ahead of who reads them: larger ones while few are read at a time. */
const LEAST_PIECE = 1024 * 1024;
const LARGEST_PIECE = 4 * 1024 * 1024;
const MOST_OF_ALL_PIECES = 48 * 1024 * 1024;

interface Asked {
  readonly uid: number;
  readonly name: string;
  readonly documents: readonly KnownDocument[];
}

/** A large part that is being read. */
interface Stream {
  readonly uid: number;
  readonly name: string;
  readonly document: KnownDocument;
  readonly rank: number;
  /** Something of it has been asked for. */
  isBegun: boolean;
  /** A piece was shorter than it was asked for, and more was to come. */
  isCut: boolean;
}

interface Piece {
  readonly content: Buffer;
  readonly isLast: boolean;
}

export interface ReaderLimits {
  /** Whether a size that does not fit is the sign of a cut. */
  readonly exact: boolean;
  /** In bytes. */
  readonly largestMail: number;
}

/** The encoded content of parts, by their section. */
export type Contents = ReadonlyMap<string, Buffer>;

/** Reads parts of mails as they are sent: small ones of many mails in one FETCH, large ones piece by piece. */
export class Reader {
  readonly #connection: Connection;
  readonly #limits: ReaderLimits;
  readonly #small: Gather<Asked, Contents>;
  readonly #turns = new InOrder();
  /** Large parts of which something has come, and not all. */
  #streams = 0;

  constructor(connection: Connection, limits: ReaderLimits) {
    this.#connection = connection;
    this.#limits = limits;
    this.#small = new Gather((asked) => this.#fetch(asked), fits);
  }

  /**
   * The content of those documents of a mail that are small, and the certainty that the mail is there.
   * @throws LanceurError `GONE`, `MAIL_UNREADABLE`, `MAIL_CUT_SHORT`, or of scope `source`.
   */
  async small(uid: number, name: string, documents: readonly KnownDocument[]): Promise<Contents> {
    let room = SMALL_OF_ONE;
    // Several documents may lie in one.
    const sections = [...new Map(documents.map((each) => [each.section, each])).values()];
    const small = sections.filter(({ octets = Infinity }) => {
      const fit = octets <= Math.min(SMALL, room);
      if (fit) room -= octets;
      return fit;
    });
    const contents = await this.#small.ask({ uid, name, documents: small });
    const whole = new Map<string, Buffer>();
    for (const document of small) {
      const content = contents.get(document.section) ?? (document.octets === 0 ? Buffer.alloc(0) : undefined);
      // Servers give NIL for what has been expunged under way.
      if (content === undefined) throw await this.#faultOf(uid, name, undefined);
      whole.set(document.section, await this.#completed(uid, document, content));
    }
    return whole;
  }

  /** The encoded content of a document of any size; ends well only if all of it came. Errors as for `small`. */
  async *pieces(uid: number, name: string, document: KnownDocument): AsyncGenerator<Buffer> {
    const stream = { uid, name, document, rank: this.#turns.rank(), isBegun: false, isCut: false };
    let at = 0;
    let next: Promise<Piece> | undefined = this.#inTurn(stream, 0);
    try {
      while (next !== undefined) {
        const { content, isLast }: Piece = await next;
        at += content.length;
        // A server may go on for ever, whatever it has announced.
        expectNotTooLarge(name, at, this.#limits);
        next = isLast ? undefined : this.#inTurn(stream, at);
        // Whoever stops reading leaves this one alone.
        next?.catch(() => undefined);
        if (content.length > 0) yield content;
      }
      this.#expectWhole(document, at);
    } finally {
      if (stream.isBegun) this.#streams--;
    }
  }

  async #inTurn(stream: Stream, start: number): Promise<Piece> {
    return await this.#turns.ask(stream.rank, async () => {
      if (!stream.isBegun) this.#streams++;
      stream.isBegun = true;
      const { uid, name, document } = stream;
      const asked = this.#pieceSize();
      const content = await this.#piece(uid, name, document, start, asked);
      if (stream.isCut) this.#expectNotAgain(document, start + content.length);
      // A server that knows no pieces sends the whole of it.
      const isFull = content.length === asked;
      const isCut = content.length > 0 && content.length < asked;
      const goesOn = isCut && this.#isShort(document, start + content.length);
      stream.isCut ||= goesOn;
      return { content, isLast: !isFull && !goesOn };
    });
  }

  #pieceSize(): number {
    const share = Math.floor(MOST_OF_ALL_PIECES / (2 * Math.max(1, this.#streams)));
    return Math.max(LEAST_PIECE, Math.min(LARGEST_PIECE, share));
  }

  #isShort({ octets }: KnownDocument, got: number): boolean {
    return octets !== undefined && got < octets;
  }

  #expectWhole(document: KnownDocument, got: number): void {
    const { name, octets } = document;
    if (this.#limits.exact && octets !== undefined && got < octets) {
      throw new LanceurError('MAIL_CUT_SHORT', { name, got, size: octets });
    }
  }

  /** Asked for what follows a piece that was cut, a server that knows no pieces sends the whole of it once more. */
  #expectNotAgain({ name, octets }: KnownDocument, got: number): void {
    if (this.#limits.exact && octets !== undefined && got > octets) throw otherBytes(name);
  }

  async #piece(
    uid: number,
    name: string,
    { section, octets }: KnownDocument,
    start: number,
    maxLength: number,
  ): Promise<Buffer> {
    const query =
      section === '' ? { source: { start, maxLength } } : { bodyParts: [{ key: section, start, maxLength }] };
    let rows: readonly FetchMessageObject[];
    try {
      rows = await this.#connection.patiently(uid, name, () => this.#connection.fetch([uid], query));
    } catch (error) {
      throw await this.#faultOf(uid, name, error);
    }
    if (rows.length === 0) throw await this.#faultOf(uid, name, undefined);
    const content = rows.map((row) => contentOf(row, section)).find((each) => each !== undefined);
    if (content === undefined) {
      const isEnd = octets === 0 || (start > 0 && (await this.#connection.present([uid])).size > 0);
      if (isEnd) return Buffer.alloc(0);
      throw await this.#faultOf(uid, name, undefined);
    }
    if (start > 0 && content.length > maxLength) throw otherBytes(name);
    return content;
  }

  /** A content that is shorter than announced is asked for what may follow: some servers stop early. */
  async #completed(uid: number, document: KnownDocument, content: Buffer): Promise<Buffer> {
    if (!this.#isShort(document, content.length)) return content;
    const pieces = [content];
    let got = content.length;
    for (;;) {
      const piece = await this.#piece(uid, document.name, document, got, LEAST_PIECE);
      if (piece.length === 0) break;
      pieces.push(piece);
      got += piece.length;
      if (!this.#isShort(document, got)) break;
    }
    this.#expectNotAgain(document, got);
    this.#expectWhole(document, got);
    return Buffer.concat(pieces);
  }

  /** All of them want the same sections, see {@link fits}. */
  async #fetch(asked: readonly Asked[]): Promise<readonly (Contents | Error)[]> {
    const sections = (asked[0]?.documents ?? []).map(({ section }) => section);
    const bodyParts = sections.filter((section) => section !== '');
    const query = {
      ...(sections.includes('') && { source: true }),
      ...(bodyParts.length > 0 && { bodyParts }),
    };
    let rows: readonly FetchMessageObject[];
    try {
      const uids = [...new Set(asked.map(({ uid }) => uid))];
      const fetch = () => this.#connection.fetch(uids, query);
      const [first] = asked;
      rows = await (uids.length === 1 && first !== undefined
        ? this.#connection.patiently(first.uid, first.name, fetch)
        : fetch());
    } catch (error) {
      if (LanceurError.is(error, 'MAIL_UNREADABLE')) return asked.map(() => error);
      const isBreak = this.#connection.isBreak(error);
      if (!(error instanceof Refused) && !isBreak) throw error;
      if (isBreak) await this.#connection.revive();
      return await this.#oneByOne(asked, error);
    }
    const byUid = new Map<number, Map<string, Buffer>>();
    for (const row of rows) {
      const contents = byUid.get(row.uid) ?? new Map<string, Buffer>();
      for (const section of sections) {
        const content = contentOf(row, section);
        if (content !== undefined) contents.set(section, content);
      }
      byUid.set(row.uid, contents);
    }
    const answers: (Contents | Error)[] = [];
    for (const { uid, name } of asked) {
      answers.push(byUid.get(uid) ?? (await this.#faultOf(uid, name, undefined)));
    }
    return answers;
  }

  /** One mail that cannot be read makes a server refuse them all, or break the connection. */
  async #oneByOne(asked: readonly Asked[], error: unknown): Promise<readonly (Contents | Error)[]> {
    const [first] = asked;
    if (asked.length === 1 && first !== undefined) return [await this.#faultOf(first.uid, first.name, error)];
    const answers: (Contents | Error)[] = [];
    for (const each of asked) answers.push(...(await this.#fetch([each])));
    return answers;
  }

  /** Why a mail was not given: it is gone, or the server cannot read it. */
  async #faultOf(uid: number, name: string, error: unknown): Promise<Error> {
    if (error !== undefined && !(error instanceof Refused)) return error as Error;
    const found = await this.#connection.present([uid]);
    if (found.size === 0) return new LanceurError('GONE', { name });
    const why =
      error instanceof Refused ? error.message : 'the server gives nothing of it that can be understood';
    return new LanceurError('MAIL_UNREADABLE', { name, why });
  }
}

function otherBytes(name: string): LanceurError {
  const why = 'the server sends other bytes than it was asked for';
  return new LanceurError('MAIL_UNREADABLE', { name, why });
}

/** `undefined` where the row says nothing of it. */
function contentOf(row: FetchMessageObject, section: string): Buffer | undefined {
  const content: unknown = section === '' ? row.source : row.bodyParts?.get(section.toLowerCase());
  return Buffer.isBuffer(content) ? content : undefined;
}

function fits(batch: readonly Asked[], next: Asked): boolean {
  const [first] = batch;
  if (first === undefined) return true;
  if (batch.length >= MOST_MAILS || keyOf(first) !== keyOf(next)) return false;
  return batch.reduce((sum, each) => sum + sizeOf(each), 0) + sizeOf(next) <= MOST_BYTES;
}

function keyOf({ documents }: Asked): string {
  return documents.map(({ section }) => section).join(' ');
}

function sizeOf({ documents }: Asked): number {
  return documents.reduce((sum, { octets = 0 }) => sum + octets, 0);
}
