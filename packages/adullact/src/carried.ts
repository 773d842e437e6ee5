import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { issue, type Issue } from './issues.js';
import { roleWithin, type ReadMessage } from './messages.js';
import type { PackedFile } from './packed-file.js';
import type { Role } from './pastell/roles.js';

/** A file out of an XML. */
export interface CarriedFile {
  readonly name: string;
  readonly role: Role;
  readonly size: number;
  readonly invoice?: number;
  readonly localPath: string;
  open(): Readable;
}

interface Content {
  readonly size: number;
  open(): Readable;
}

/**
 * The files that the XMLs carry. Pastell takes some of them out and deposits them beside their XML, and a signed PES
 * carries what the unsigned one does: the same content is handed over once.
 *
 * @throws what reading throws.
 */
export async function carriedBy(
  messages: readonly ReadMessage[],
  lying: readonly PackedFile[],
): Promise<{ readonly files: readonly CarriedFile[]; readonly issues: readonly Issue[] }> {
  const files: CarriedFile[] = [];
  const issues: Issue[] = [];
  const seen = new Contents(lying);
  for (const { file, decoded } of messages) {
    const fresh: CarriedFile[] = [];
    for (const { name, role, size, localPath, invoice } of decoded.documents) {
      const open = () => createReadStream(localPath);
      if (await seen.has({ size, open })) {
        issues.push(issue('ATTACHED_AND_BESIDE', { name, file: file.name }));
        continue;
      }
      fresh.push({
        name,
        role: roleWithin(role),
        size,
        localPath,
        open,
        ...(invoice !== undefined && { invoice }),
      });
    }
    // Not before: what one sender put into one XML twice is there twice.
    for (const each of fresh) seen.add(each);
    files.push(...fresh);
  }
  return { files, issues };
}

/** Contents by their size, compared by digest where sizes are equal. */
class Contents {
  readonly #bySize = new Map<number, Content[]>();
  readonly #digests = new Map<Content, string>();

  constructor(contents: readonly Content[]) {
    for (const content of contents) this.add(content);
  }

  add(content: Content): void {
    this.#bySize.set(content.size, [...(this.#bySize.get(content.size) ?? []), content]);
  }

  async has(content: Content): Promise<boolean> {
    const likely = this.#bySize.get(content.size);
    if (likely === undefined) return false;
    const digest = await digestOf(content);
    for (const other of likely) {
      const known = this.#digests.get(other) ?? (await digestOf(other));
      this.#digests.set(other, known);
      if (known === digest) return true;
    }
    return false;
  }
}

async function digestOf(content: Content): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of content.open()) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}
