import { printable } from '@lanceur/core';

/** What a manifest is named by. */
export interface ManifestSubject {
  readonly submissionId: string;
  readonly job: string;
  /** Of the group. */
  readonly key: string;
  /** Of its documents, as they are placed but for a number. */
  readonly documents: readonly string[];
}

/** What a manifest says, before it is JSON. */
export interface ManifestContent {
  readonly submissionId: string;
  readonly job: string;
  /** The group's key. */
  readonly group: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly documents: readonly { readonly name: string; readonly size: number; readonly sha256: string }[];
}

/** As bytes, with every string printable, whole. */
export function manifestBytes(content: ManifestContent): Uint8Array {
  const attributes = Object.entries(content.attributes).map(
    ([key, value]) => [whole(key), whole(value)] as const,
  );
  const clean: ManifestContent = {
    submissionId: whole(content.submissionId),
    job: whole(content.job),
    group: whole(content.group),
    createdAt: content.createdAt,
    attributes: Object.fromEntries(attributes),
    documents: content.documents.map(({ name, size, sha256 }) => ({ name: whole(name), size, sha256 })),
  };
  return Buffer.from(`${JSON.stringify(clean, null, 2)}\n`);
}

function whole(text: string): string {
  return printable(text, Infinity);
}
