import {
  fingerprintOf,
  LanceurError,
  reason,
  safeNames,
  type Delivery,
  type Expander,
  type ExpandOptions,
  type Reason,
  type SourceDocument,
} from '@lanceur/core';
import { admit } from './admit.js';
import type { ChorusFields } from './chorus/fields.js';
import { isDraft, type Draft, type Reading } from './draft.js';
import type { EnvelopeDocument } from './envelope.js';
import { issue, type Issue } from './issues.js';
import { openStore } from './opened-store.js';
import { settingsOf, type ReadingOptions } from './options.js';
import type { PackedFile } from './packed-file.js';
import { readFile } from './read-file.js';
import { readFiles } from './read-files.js';
import { Total } from './total.js';

export interface EnvelopesOptions extends ReadingOptions {
  /**
   * What becomes of a Chorus Pro file with several invoices: one group, or one for each invoice with its attachments and
   * a copy of the XML. Default `together`.
   */
  readonly invoices?: 'together' | 'apart';
}

/** Raised when the same envelope comes out otherwise than before. */
const EDITION = 3;

/**
 * EzGED's protocol "Adullact": makes the envelopes that come into a launcher what they hold. A folder that is taken as
 * one (`unit: 'entry'`), a zip, a tar.gz, a loose XML, also attached to a mail.
 *
 * ```ts
 * new Launcher({ …, expand: envelopes(), grouper: byExtension({ chorus_fact: '87' }) });
 * ```
 *
 * The documents of an envelope are one group, whose name is its type and a number: `chorus_fact#1`. Its fields are the
 * delivery's attributes, beside `envelope.type`, `envelope.kind`, `envelope.shape`, `envelope.issues`, and `role.<name>`
 * for each document; where there are several envelopes (in a mail, or in one archive: then `envelope.path` says where), the
 * name of the group and a dot come before each. What is no envelope stays as it is.
 *
 * @throws LanceurError `INVALID_OPTION`, `UNKNOWN_OPTION`.
 */
export function envelopes(options: EnvelopesOptions = {}): Expander {
  const settings = settingsOf('envelopes', options, ['invoices']);
  const { invoices = 'together' } = options;
  if (!['together', 'apart'].includes(invoices)) {
    throw new LanceurError('INVALID_OPTION', {
      option: 'invoices',
      expected: '"together" or "apart"',
      found: JSON.stringify(invoices),
    });
  }
  return {
    fingerprint: fingerprintOf('envelopes', EDITION, settings.all(), invoices),
    async expand(delivery, { signal, folder, leftAsItIs }: ExpandOptions = {}) {
      if (signal?.aborted === true) throw new LanceurError('ABORTED');
      const { store, close } = openStore(folder, signal);
      try {
        const reading = { settings, store, signal, total: new Total() };
        const expansion = await expansionOf(delivery, reading);
        for (const why of expansion.left) leftAsItIs?.(why);
        if (expansion.drafts.length === 0) {
          await close();
          return delivery;
        }
        return expanded(delivery, expansion, invoices, close);
      } catch (error) {
        await close();
        throw error;
      }
    },
  };
}

interface Expansion {
  readonly drafts: readonly Draft[];
  /** What is no envelope. */
  readonly plain: readonly SourceDocument[];
  /** Why it is none. */
  readonly left: readonly Reason[];
}

async function expansionOf(delivery: Delivery, reading: Reading): Promise<Expansion> {
  const { documents, ref } = delivery;
  const files = new Map<SourceDocument, PackedFile>();
  for (const document of documents) files.set(document, await fileOf(document, reading));

  const left: Reason[] = [];
  const wasOne = isOneDeposit(delivery, reading);
  if (wasOne) {
    const found = await readFiles({ files: [...files.values()], issues: [] }, reading);
    if (isDraft(found)) return { drafts: [admitted(found, delivery, reading)], plain: [], left };
    left.push(reason('NOT_AN_ENVELOPE', { name: ref.name, why: found.not }));
  }

  const drafts: Draft[] = [];
  const plain: SourceDocument[] = [];
  for (const [document, file] of files) {
    const found = await readFile(file, { ...reading, total: new Total() });
    if (!('not' in found)) {
      drafts.push(...found.map((draft) => admitted(draft, delivery, reading, file.name)));
      continue;
    }
    plain.push(document);
    // Of a folder as a whole the reason has been given.
    if (!wasOne) left.push(reason('NOT_AN_ENVELOPE', { name: document.name, why: found.not }));
  }
  return { drafts, plain, left };
}

async function fileOf(document: SourceDocument, { store }: Reading): Promise<PackedFile> {
  const { name, size } = document;
  if (size === undefined) return { ...(await store.keep(document.open())), name, path: name };
  // Its localPath is not for us: only `open` tells whether it is still what was listed.
  return { name, path: name, size, open: () => document.open() };
}

/** A folder that is taken as one; or loose documents one of which is called as metadata. */
function isOneDeposit({ ref, documents }: Delivery, { settings }: Reading): boolean {
  if (ref.documents?.some(({ container }) => container === true) === true) return true;
  return documents.length > 1 && documents.some(({ name }) => settings.rankOfMetadata(name) !== undefined);
}

/** With what its source knows about it. @throws LanceurError `ENVELOPE_ODD`. */
function admitted(
  draft: Draft,
  { ref, attributes }: Delivery,
  { settings }: Reading,
  name = ref.name,
): Draft {
  const why = attributes['incomplete'];
  const issues = why === undefined ? draft.issues : [issue('TAKEN_INCOMPLETE', { why }), ...draft.issues];
  admit({ issues }, name, settings);
  return { ...draft, issues };
}

// ── what comes out ──────────────────────────────────────────────────────────────────────────────────────

interface Group {
  readonly key: string;
  readonly draft: Draft;
  readonly documents: readonly EnvelopeDocument[];
}

function expanded(
  delivery: Delivery,
  { drafts, plain }: Expansion,
  invoices: 'together' | 'apart',
  close: () => Promise<void>,
): Delivery {
  const parts = drafts.flatMap((draft) =>
    partsOf(draft, invoices).map((documents) => ({ draft, documents })),
  );
  const groups = parts.map((part, i): Group => ({ ...part, key: `${part.draft.type}#${String(i + 1)}` }));
  const packed = groups.flatMap(({ key, documents }) =>
    documents.map(({ name, size, localPath, open }): SourceDocument => ({
      name,
      size,
      group: key,
      ...(localPath !== undefined && { localPath }),
      open,
    })),
  );
  const all = [...plain, ...packed];
  const names = safeNames(all.map(({ name }) => name));
  const documents = all.map((document, i) => ({ ...document, name: names[i] ?? document.name }));
  const finalNames = documents.slice(plain.length).map(({ name }) => name);
  return {
    ref: delivery.ref,
    documents,
    attributes: { ...attributesOf(groups, finalNames), ...delivery.attributes },
    async [Symbol.asyncDispose]() {
      await close();
      await delivery[Symbol.asyncDispose]();
    },
  };
}

/** The documents of each invoice, with those that belong to all of them. */
function partsOf(
  { documents, type, fields }: Draft,
  invoices: 'together' | 'apart',
): readonly (readonly EnvelopeDocument[])[] {
  const count = type === 'chorus_fact' ? (fields as ChorusFields).invoices.length : 1;
  if (invoices === 'together' || count < 2) return [documents];
  return Array.from({ length: count }, (_, i) =>
    documents.filter(({ invoice }) => invoice === undefined || invoice === i),
  );
}

function attributesOf(groups: readonly Group[], names: readonly string[]): Readonly<Record<string, string>> {
  let at = 0;
  return Object.fromEntries(
    groups.flatMap(({ key, draft, documents }) => {
      const { type, kind, shape, path, issues, attributes } = draft;
      const roles = documents.map(({ role }) => [`role.${names[at++] ?? ''}`, role] as const);
      const own: readonly (readonly [string, string])[] = [
        ...Object.entries(attributes),
        ['envelope.type', type],
        ['envelope.kind', kind],
        ['envelope.shape', shape],
        ...(path === undefined ? [] : [['envelope.path', path] as const]),
        ...(issues.length === 0 ? [] : [['envelope.issues', textOf(issues)] as const]),
        ...roles,
      ];
      return groups.length === 1 ? own : own.map(([name, value]) => [`${key}.${name}`, value] as const);
    }),
  );
}

function textOf(issues: readonly Issue[]): string {
  return issues.map(({ message }) => message).join('; ');
}
