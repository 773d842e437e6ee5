import type { ItemRef } from '../contracts/item.js';
import type { Ledger, SourceMemory, Verdict, Viewer } from '../contracts/ledger.js';
import { LanceurError, messageOf } from '../errors.js';
import type { Reason } from '../reasons.js';
import type { Settings } from './options.js';
import { printable } from '../text.js';
import { reasonOfVerdict } from './verdict-reasons.js';
import { judgementOf, whyLeft } from './wants.js';

/** What would become of an item at the next poll. */
export interface Explanation {
  readonly ref: ItemRef;
  /** Fit for a log or a terminal. As the source has it: `ref.name`. */
  readonly name: string;
  /** Whether the next poll works on it. */
  readonly takes: boolean;
  /** Why not. */
  readonly reason?: Reason;
  /** Document by document, as far as the listing tells. */
  readonly documents: readonly ExplainedDocument[];
  /** What the ledger knows. */
  readonly verdict: Verdict['is'];
}

export interface ExplainedDocument {
  /** As the source has it: not yet safe to print. */
  readonly name: string;
  readonly wanted: boolean;
  /** The job that takes it, where its name alone tells. */
  readonly job?: string;
  readonly reason?: Reason;
}

/** Lists the source and says of each item who would take it, or why not. Opens nothing and changes nothing. */
export async function* explain(
  settings: Settings,
  viewer: Viewer,
  signal: AbortSignal | undefined,
): AsyncGenerator<Explanation> {
  const { listener, ledger } = settings;
  const session = await listener.connect({
    memory: readOnly(ledger.memory(viewer.source)),
    ...(signal && { signal }),
  });
  try {
    for await (const ref of session.list()) {
      if (signal?.aborted === true) return;
      yield await explained(ref, settings, viewer, ledger);
    }
  } catch (error) {
    if (LanceurError.is(error)) throw error;
    throw new LanceurError(
      'SOURCE_FAILED',
      { path: listener.address, why: messageOf(error) },
      { cause: error },
    );
  } finally {
    await session.close().catch(messageOf);
  }
}

async function explained(
  ref: ItemRef,
  settings: Settings,
  viewer: Viewer,
  ledger: Ledger,
): Promise<Explanation> {
  const verdict = await verdictFor(ref, viewer, ledger);
  const why = whyNot(ref, verdict, settings);
  return {
    ref,
    name: printable(ref.name),
    takes: why === undefined,
    ...(why && { reason: why }),
    documents: (ref.documents ?? []).map((document): ExplainedDocument => {
      const wanted = judgementOf(document, settings);
      if (!wanted.wanted) return { name: document.name, wanted: false, reason: wanted.reason };
      return { name: document.name, wanted: true, ...(wanted.job !== undefined && { job: wanted.job }) };
    }),
    verdict: verdict.is,
  };
}

/** Of an item that is known by its mark only, what is known under its former id; whether that is still listed, a poll sees. */
async function verdictFor(ref: ItemRef, viewer: Viewer, ledger: Ledger): Promise<Verdict> {
  const [verdict = { is: 'new' as const }] = await ledger.classify(viewer, [ref]);
  const [formerly] = verdict.is === 'new' ? (verdict.known ?? []) : [];
  if (formerly === undefined) return verdict;
  const [earlier = verdict] = await ledger.classify(viewer, [{ ...ref, ...formerly }]);
  return earlier;
}

function whyNot(ref: ItemRef, verdict: Verdict, settings: Settings): Reason | undefined {
  if (verdict.is === 'settleOnly') return undefined;
  // The next poll begins by adopting it.
  if (verdict.is === 'owned' && settings.adopt) return undefined;
  if (verdict.is !== 'new' && verdict.is !== 'retry') return reasonOfVerdict(verdict, settings.clock.now());
  return verdict.is === 'retry' && verdict.jobs !== undefined ? ref.notReady : whyLeft(ref, settings);
}

function readOnly(memory: SourceMemory): SourceMemory {
  return { read: async (keys) => await memory.read(keys), write: async () => Promise.resolve() };
}
