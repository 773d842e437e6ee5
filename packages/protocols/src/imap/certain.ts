import { LanceurError } from '@lanceur/core';
import { parseHeaders } from '../mail/headers.js';
import { fieldsOf, partFromFields } from '../mail/part.js';
import { NO_PARTS, problemAt } from '../mail/problems.js';
import type { Connection } from './connection.js';
import { Refused } from './faults.js';
import type { FoundPart } from './structure.js';

/** So many parts of one mail are asked for their own header: a mail that has more doubtful ones was made to be so. */
const MOST_DOUBTFUL = 1000;
/** In one command, so that its line is not too long for any server. */
const AT_ONCE = 50;

interface Certain {
  readonly parts: readonly FoundPart[];
  /** What of the mail could not be found, each in a few words. */
  readonly problems: readonly string[];
}

/** The parts, what is in doubt of them read from their own header. */
export async function certain(
  connection: Connection,
  uid: number,
  parts: readonly FoundPart[],
): Promise<Certain> {
  const doubtful = parts.filter((found) => found.doubtful || found.mayBeNone).slice(0, MOST_DOUBTFUL);
  const sure = new Map<FoundPart, FoundPart>();
  const none = new Set<FoundPart>();
  for (let at = 0; at < doubtful.length; at += AT_ONCE) {
    const asked = doubtful.slice(at, at + AT_ONCE);
    const blocks = await headersOf(connection, uid, asked);
    // What BODYSTRUCTURE says is good enough then.
    if (blocks === undefined) break;
    for (const found of asked) {
      const block = blocks.get(found.header);
      if (block !== undefined && block.length > 0) sure.set(found, madeSure(found, block));
      else if (found.mayBeNone) none.add(found);
    }
  }
  return {
    parts: parts.filter((found) => !none.has(found)).map((found) => sure.get(found) ?? found),
    problems: [...none].flatMap(({ part }) =>
      part.parent === undefined ? [] : [problemAt(part.parent, NO_PARTS)],
    ),
  };
}

/** Their headers as they came, by what they are asked for with; `undefined` if the server gives none. */
async function headersOf(
  connection: Connection,
  uid: number,
  asked: readonly FoundPart[],
): Promise<ReadonlyMap<string, Uint8Array | undefined> | undefined> {
  const isHeader = asked.some(({ header }) => header === 'HEADER');
  const query = isHeader ? { headers: true } : { bodyParts: asked.map(({ header }) => header) };
  try {
    const [row] = await connection.patiently(uid, `mail ${String(uid)}`, () =>
      connection.fetch([uid], query),
    );
    if (row === undefined) return undefined;
    return new Map(
      asked.map(({ header }) => [header, isHeader ? row.headers : row.bodyParts?.get(header.toLowerCase())]),
    );
  } catch (error) {
    if (!(error instanceof Refused) && !LanceurError.is(error, 'MAIL_UNREADABLE')) throw error;
    return undefined;
  }
}

/** What it is stays the server's word: its numbering rests on it. */
function madeSure(found: FoundPart, block: Uint8Array): FoundPart {
  const { part } = found;
  const told = partFromFields(fieldsOf(parseHeaders(block)), part);
  const name = told.name ?? part.name;
  const encoding = told.encoding === '' ? part.encoding : told.encoding;
  return { ...found, part: { ...part, encoding, ...(name !== undefined && { name }) } };
}
