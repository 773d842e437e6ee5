import { Readable } from 'node:stream';
import { LanceurError, type DocumentInfo, type SourceDocument, type Wants } from '@lanceur/core';
import { attributesOf, type MailAttributes } from './attributes.js';
import { choiceOf, type MailDocuments } from './choose.js';
import { decoderFor } from './decode.js';
import { messageName } from './file-names.js';
import { HEADER_BYTES, type Headers } from './headers.js';
import type { Held, HoldingWriter, Shelf } from './holding.js';
import type { Part } from './part.js';
import { problemAt } from './problems.js';
import { MailSplitter, SPLIT_LIMITS, type PartSink, type SplitEnd } from './split.js';
import { TnefScanner } from './tnef.js';
import { UniqueNames } from './unique-names.js';
import { isPacked, packedIn, packedProblem, within, type Range } from './winmail.js';

/** The documents of a mail that has arrived. */
export interface Arrived {
  readonly documents: readonly SourceDocument[];
  readonly attributes: MailAttributes & {
    /** What was not as it should be in the mail, and may have cost a part; absent if all was well. */
    readonly problems?: string;
  };
  readonly end: SplitEnd;
}

export interface IncomingOptions {
  readonly documents: MailDocuments;
  readonly wants: Wants | undefined;
  /** For messages: the mail. */
  readonly name: string;
  readonly shelf: Shelf;
}

interface Wanted {
  readonly info: DocumentInfo;
  readonly writer: HoldingWriter;
  /** Only if it has more bytes. */
  readonly above: number | undefined;
  /** It is only this of what is written. */
  readonly range?: Range;
}

const MOST_PROBLEMS = 10;

/** Holds the beginning of a part until it is known what to do with it. */
class Undecided implements PartSink {
  readonly #choose: (subject?: string) => PartSink | undefined;
  #held: Buffer[] | undefined = [];
  #heldBytes = 0;
  #sink: PartSink | undefined;

  constructor(choose: (subject?: string) => PartSink | undefined) {
    this.#choose = choose;
  }

  decide(subject?: string): void {
    if (this.#held === undefined) return;
    const held = this.#held;
    this.#held = undefined;
    this.#sink = this.#choose(subject);
    for (const chunk of held) this.#sink?.write(chunk);
  }

  write(chunk: Buffer): void {
    if (this.#held === undefined) {
      this.#sink?.write(chunk);
      return;
    }
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes > HEADER_BYTES) this.decide();
  }

  end(): void {
    this.decide();
    this.#sink?.end();
  }
}

/**
 * Takes a whole mail while it arrives, and keeps what of it is a document and wanted. Names are given in the order of
 * the mail whether or not a document is wanted, so that they are the same whenever it is opened.
 */
export class IncomingMail {
  readonly #options: IncomingOptions;
  readonly #splitter: MailSplitter;
  readonly #names = new UniqueNames();
  readonly #wanted: Wanted[] = [];
  readonly #problems: string[] = [];
  #attributes: MailAttributes = {};
  /** The mail itself as a document: undecided until its subject is known, then a writer or nothing. */
  #message: HoldingWriter | 'undecided' | undefined;
  #beginning: Buffer[] = [];
  /** The attached message whose header is coming in. */
  #attached: Undecided | undefined;

  constructor(options: IncomingOptions) {
    this.#options = options;
    this.#message = options.documents.message === true ? 'undecided' : undefined;
    this.#splitter = new MailSplitter({
      header: (headers) => this.#header(headers),
      part: (part) => this.#part(part),
      messageHeader: (_, headers) => this.#attached?.decide(headers.text('subject')),
      problem: (what, part) => this.#problem(what, part),
    });
  }

  /** The chunk is kept: its memory must not be used again. @throws what `wants` throws */
  write(chunk: Buffer): void {
    if (this.#message === 'undecided') this.#beginning.push(chunk);
    else this.#message?.write(chunk);
    this.#splitter.write(chunk);
  }

  /** @throws LanceurError `SPOOL_FAILED`, `TOO_MANY_DOCUMENTS` */
  async end(): Promise<Arrived> {
    const end = this.#splitter.end();
    if (end.tooManyParts) {
      const { name } = this.#options;
      const count = SPLIT_LIMITS.parts + 1;
      throw new LanceurError('TOO_MANY_DOCUMENTS', { name, count, limit: SPLIT_LIMITS.parts });
    }
    const documents: SourceDocument[] = [];
    const holdings = new Map<HoldingWriter, Held>();
    for (const { info, writer, above, range } of this.#wanted) {
      // Several documents may lie in one.
      const held = holdings.get(writer) ?? (await writer.end());
      holdings.set(writer, held);
      if (above !== undefined && held.size <= above) continue;
      documents.push(
        range === undefined
          ? { ...info, size: held.size, open: () => held.open() }
          : { ...info, size: range.size, open: () => partOf(held, range, info.name) },
      );
    }
    const problems = this.#problems.slice(0, MOST_PROBLEMS).join('; ');
    return {
      documents,
      attributes: { ...this.#attributes, ...(problems !== '' && { problems }) },
      end,
    };
  }

  #header(headers: Headers): void {
    this.#attributes = attributesOf(headers);
    if (this.#message !== 'undecided') return;
    const name = messageName(this.#attributes.subject);
    this.#message = this.#ask({ name: this.#names.take(name), mediaType: 'message/rfc822' }, undefined);
    for (const chunk of this.#beginning) this.#message?.write(chunk);
    this.#beginning = [];
  }

  #part(part: Part): PartSink | undefined {
    const { documents } = this.#options;
    if (part.type === 'message/rfc822' && part.name === undefined) {
      // It is called by its subject, which its own header tells.
      this.#attached = new Undecided((subject) => {
        const choice = choiceOf(part, documents, subject);
        return choice === undefined ? undefined : this.#sink(part, choice);
      });
      return this.#attached;
    }
    const choice = choiceOf(part, documents);
    if (choice === undefined) return undefined;
    return isPacked(part, documents) ? this.#packed(part) : this.#sink(part, choice);
  }

  /** What it holds is known at its end, and only then whether any of it is wanted. */
  #packed(part: Part): PartSink {
    const { documents, shelf, wants } = this.#options;
    const writer = shelf.writer();
    const decoder = decoderFor(part.encoding);
    const scanner = new TnefScanner();
    const take = (decoded: Buffer): void => {
      writer.write(decoded);
      scanner.write(decoded);
    };
    return {
      write: (chunk) => take(decoder.write(chunk)),
      end: () => {
        take(decoder.end());
        const content = scanner.end();
        for (const { name, mediaType, within: range } of packedIn(part, content, documents)) {
          const info = { name: this.#names.take(name), mediaType };
          if (wants?.(info) === false) continue;
          this.#wanted.push({ info, writer, above: undefined, ...(range !== undefined && { range }) });
        }
        const problems = content.problems.map(packedProblem);
        for (const problem of [...problems, decoder.problem()]) {
          if (problem !== undefined) this.#problem(problem, part);
        }
      },
    };
  }

  #sink(part: Part, choice: { readonly name: string; readonly above?: number }): PartSink | undefined {
    const info = { name: this.#names.take(choice.name), mediaType: part.type };
    const writer = this.#ask(info, choice.above);
    if (writer === undefined) return undefined;
    const decoder = decoderFor(part.encoding);
    return {
      write: (chunk) => writer.write(decoder.write(chunk)),
      end: () => {
        writer.write(decoder.end());
        const problem = decoder.problem();
        if (problem !== undefined) this.#problem(problem, part);
      },
    };
  }

  #ask(info: DocumentInfo, above: number | undefined): HoldingWriter | undefined {
    if (this.#options.wants?.(info) === false) return undefined;
    const writer = this.#options.shelf.writer();
    this.#wanted.push({ info, writer, above });
    return writer;
  }

  #problem(what: string, part: Part): void {
    if (this.#problems.length > MOST_PROBLEMS) return;
    this.#problems.push(problemAt(part, what));
  }
}

function partOf(held: Held, range: Range, name: string): Readable {
  const content = within(held.open() as AsyncIterable<Buffer>, range, name);
  return Readable.from(content, { objectMode: false, highWaterMark: 64 * 1024 });
}
