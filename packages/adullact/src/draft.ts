import type { EnvelopeDocument, EnvelopeType, Message, RawEnvelope, Shape } from './envelope.js';
import type { Issue } from './issues.js';
import type { Settings } from './options.js';
import type { Store } from './store.js';

/** An envelope as it has been read, before it is given to anybody. */
export interface Draft {
  readonly type: EnvelopeType;
  readonly kind: string;
  readonly fields: unknown;
  readonly shape: Shape;
  readonly attributes: Readonly<Record<string, string>>;
  readonly documents: readonly EnvelopeDocument[];
  readonly messages: readonly Message[];
  readonly issues: readonly Issue[];
  readonly raw: RawEnvelope;
}

/** Why something is no envelope. */
export interface NotAnEnvelope {
  readonly not: string;
}

/** What reading needs beside the files. */
export interface Reading {
  readonly settings: Settings;
  readonly store: Store;
  readonly signal?: AbortSignal | undefined;
}

export function isDraft(found: Draft | NotAnEnvelope): found is Draft {
  return !('not' in found);
}
