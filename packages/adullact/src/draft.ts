import type { EnvelopeDocument, EnvelopeType, Message, RawEnvelope, Shape } from './envelope.js';
import type { Issue } from './issues.js';
import type { Settings } from './options.js';
import type { Store } from './store.js';
import type { Total } from './total.js';

/** An envelope as it has been read, before it is given to anybody. */
export interface Draft {
  readonly type: EnvelopeType;
  readonly kind: string;
  readonly fields: unknown;
  readonly shape: Shape;
  /** Of several in one archive: where it lay in it. */
  readonly path?: string;
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
  /** Of all that comes out of the input. */
  readonly total: Total;
  readonly signal?: AbortSignal | undefined;
  /** Whether it lies in an archive that lay in another: then what is in it is not opened. */
  readonly within?: boolean;
}

export function isDraft(found: Draft | NotAnEnvelope): found is Draft {
  return !('not' in found);
}
