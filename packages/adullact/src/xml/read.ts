import { LanceurError } from '@lanceur/core';
import { issue, type Issue } from '../issues.js';
import type { Limits } from '../limits.js';
import type { DecodeXmlOptions, XmlFile } from '../xml-file.js';
import { Attachments, type Attachment } from './attachments.js';
import { bytesOf, type XmlBytes } from './bytes.js';
import type { XmlElement } from './element.js';
import { decodeText } from './encoding.js';
import { Lifter, localName } from './lifter.js';
import { namespaceIn } from './namespace.js';
import { isOf, isRootName, rootOf, type Root } from './roots.js';
import { treeOf } from './tree.js';

/** An XML of ours as it was read; what it means is the business of its type. */
export interface ReadXml {
  readonly type: Root['type'];
  readonly kind: Root['kind'];
  /** The name of its file. */
  readonly name: string;
  readonly root: XmlElement;
  /** By the numbers that stand in their places. */
  readonly attachments: readonly Attachment[];
  readonly issues: readonly Issue[];
}

/**
 * Reads an XML once, from its beginning: the attachments go to files while the rest is gathered, and that is parsed.
 * `undefined` where it is none of ours.
 *
 * @throws LanceurError `ENVELOPE_DAMAGED`, `ENVELOPE_UNSAFE`, `ENVELOPE_TOO_BIG`; what reading and writing throw.
 */
export async function readXml(file: XmlFile, options: DecodeXmlOptions): Promise<ReadXml | undefined> {
  options.signal?.throwIfAborted();
  const stream = await file.open();
  try {
    const bytes = await bytesOf(stream);
    return bytes === undefined ? undefined : await read(file.name, bytes, options);
  } finally {
    stream.destroy();
  }
}

async function read(name: string, bytes: XmlBytes, options: DecodeXmlOptions): Promise<ReadXml | undefined> {
  const { limits, signal } = options;
  let root: Root | undefined;
  let namespace = '';
  let attachments: Attachments | undefined;
  const lifter = new Lifter(
    name,
    {
      concerns: isRootName,
      root(tag) {
        const found = namespaceIn(tag);
        namespace = found.namespace;
        root = rootOf(localName(found.name), namespace);
        if (root === undefined) return undefined;
        attachments = new Attachments({
          name,
          folder: options.folder,
          limits: limitsFor(root, limits),
          wrapping: root.wrapping,
          total: options.total,
        });
        return root.lifts;
      },
      begin: () => attachments?.begin(),
      content: (piece) => attachments?.content(piece),
      end: () => attachments?.end(),
    },
    limits,
  );
  try {
    let size = 0;
    for await (const chunk of bytes.chunks()) {
      signal?.throwIfAborted();
      size += chunk.length;
      lifter.push(chunk);
      if (lifter.ignored) return undefined;
      refuseTooBig(name, size, root, limits);
      await attachments?.ready();
    }
    const plain = lifter.end();
    const stored = (await attachments?.all()) ?? [];
    // The lifter has ended well: there was a root.
    if (root === undefined) return undefined;
    const { text, issues } = decodeText(plain, { ...bytes, file: name });
    const { clean, count } = withoutControls(text);
    return {
      type: root.type,
      kind: root.kind,
      name,
      root: treeOf(clean, { name, depth: limits.depth }),
      attachments: stored,
      issues: [
        ...issues,
        ...(count > 0 ? [issue('CONTROL_CHARACTERS', { file: name, count })] : []),
        ...(isOf(root, namespace)
          ? []
          : [issue('NAMESPACE_ODD', { file: name, kind: root.kind, namespace: namespace || '-' })]),
      ],
    };
  } catch (error) {
    await attachments?.discard();
    throw error;
  }
}

const OPTIONS = { acte_nature: 'actesBytes', helios: 'pesBytes', chorus_fact: 'chorusBytes' } as const;

function refuseTooBig(name: string, size: number, root: Root | undefined, limits: Limits): void {
  // Before the root there is no more than a declaration and comments.
  const option = root === undefined ? 'xmlBytes' : OPTIONS[root.type];
  const limit = limits[option];
  if (size > limit) throw new LanceurError('ENVELOPE_TOO_BIG', { name, option, limit });
}

function limitsFor({ type }: Root, limits: Limits): ConstructorParameters<typeof Attachments>[0]['limits'] {
  if (type !== 'chorus_fact') return limits;
  const option = 'chorusAttachmentBytes';
  return { ...limits, each: { option, bytes: limits[option] } };
}

/** Characters that no XML may hold (XML 1.0, section 2.2). */
// eslint-disable-next-line no-control-regex -- these are what it looks for
const CONTROLS = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/gu;

function withoutControls(text: string): { readonly clean: string; readonly count: number } {
  let count = 0;
  const clean = text.replace(CONTROLS, () => {
    count++;
    return '\ufffd';
  });
  return { clean, count };
}
