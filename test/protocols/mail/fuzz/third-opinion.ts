import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import { safeNames } from '@lanceur/core';
import type { MadeDocument } from './structure.js';

/** A part that is no multipart, as Python's email package sees it. */
interface Leaf {
  readonly message: boolean;
  readonly name: string | null;
  readonly sha256?: string;
}

/** By the name of its policy. */
export type Opinion = Readonly<Record<'default' | 'compat32', readonly Leaf[]>>;

const SCRIPT = path.join(import.meta.dirname, 'third-opinion.py');
const MOST_OUTPUT = 256 * 1024 * 1024;

/** What Python's email package finds in each mail. */
export async function opinionsOf(mails: readonly Buffer[], python: string): Promise<readonly Opinion[]> {
  const running = promisify(execFile)(python, [SCRIPT], { maxBuffer: MOST_OUTPUT });
  running.child.stdin?.end(mails.map((mail) => `${mail.toString('base64')}\n`).join(''));
  const { stdout } = await running;
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Opinion);
}

/** What is not in an opinion as it must be: each document, in its order, under its name. */
export function disagreementOf(documents: readonly MadeDocument[], opinion: Opinion): string | undefined {
  for (const [policy, leaves] of Object.entries(opinion)) {
    const names: string[] = [];
    let at = 0;
    for (const { name, content, isPacked } of documents) {
      if (isPacked) {
        names.push(name);
        continue;
      }
      const sha256 = createHash('sha256').update(content).digest('hex');
      const found = leaves.findIndex(
        (leaf, i) =>
          i >= at &&
          (leaf.message
            ? name.endsWith('.eml')
            : leaf.sha256 === sha256 && (leaf.name === null) === name.startsWith('part-')),
      );
      if (found === -1) return `Python (${policy}) does not find ${name} as it is`;
      at = found + 1;
      names.push(clean(leaves[found]?.name ?? name));
    }
    const differs = safeNames(names).findIndex((name, i) => name !== documents[i]!.name);
    if (differs !== -1) return `Python (${policy}) calls ${documents[differs]!.name} ${names[differs]!}`;
  }
  return undefined;
}

function clean(name: string): string {
  return name.normalize('NFC').replace(/\s+/gu, ' ').trim();
}
