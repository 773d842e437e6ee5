import type { ItemRef } from '../contracts/item.js';
import type { ColdSubmitter } from '../contracts/submitter.js';
import type { Listener, Settled, Settlement } from '../contracts/listener.js';
import type { ItemRecord } from '../contracts/ledger.js';
import { messageOf } from '../errors.js';
import { sentOf } from '../ledger/transitions.js';
import { reason } from '../reasons.js';
import type { Lease } from './lease.js';
import type { Sessions } from './sessions.js';

interface Waiting {
  readonly lease: Lease;
  readonly settlement: Settlement;
  readonly done: (settled: Settled) => void;
  readonly failed: (error: unknown) => void;
}

/** The most items that the source is asked to settle in one call. */
const BATCH = 64;

/**
 * Tells the source what to do with items that have ended, many at a time: what comes while a batch is under way makes
 * the next one. While held, everything waits for one last batch (POP3, where settling ends the session).
 */
export class Settler {
  readonly #sessions: Sessions;
  readonly #submitter: ColdSubmitter;
  readonly #listener: Listener;
  readonly #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #held = false;

  constructor(sessions: Sessions, submitter: ColdSubmitter, listener: Listener) {
    this.#sessions = sessions;
    this.#submitter = submitter;
    this.#listener = listener;
  }

  /** Resolves when the source has answered and the ledger knows it. */
  async settle(lease: Lease, ref: ItemRef): Promise<Settled> {
    const settlement = settlementOf(lease.item, ref);
    return await new Promise((done, failed) => {
      this.#waiting.push({ lease, settlement, done, failed });
      if (!this.#held) void this.#run();
    });
  }

  hold(): void {
    this.#held = this.#listener.traits.settleEndsSession;
  }

  /** Resolves when nothing waits any more. */
  async release(): Promise<void> {
    this.#held = false;
    while (this.#waiting.length > 0 || this.#running !== undefined) await this.#run();
  }

  async #run(): Promise<void> {
    this.#running ??= (async () => {
      // Whoever else has just ended in this turn joins the first batch.
      await Promise.resolve();
      while (this.#waiting.length > 0) {
        await this.#settleBatch(
          this.#waiting.splice(0, this.#listener.traits.settleEndsSession ? Infinity : BATCH),
        );
      }
      this.#running = undefined;
    })();
    await this.#running;
  }

  async #settleBatch(batch: readonly Waiting[]): Promise<void> {
    let answers: readonly Settled[];
    try {
      answers = await this.#sessions.settling(
        async (session) => await session.settle(batch.map((w) => w.settlement)),
      );
    } catch (error) {
      for (const waiting of batch) waiting.failed(error);
      return;
    }
    // The receipts are durable: what `find` would have needed goes before the record says settled, so that a crash in
    // between has it asked again, and none of it stays for good.
    await forgetQuietly(
      this.#submitter,
      batch.map((w) => w.lease.item),
    );
    await Promise.all(
      batch.map(async (waiting) => {
        await this.#record(waiting, answers);
      }),
    );
  }

  async #record({ lease, settlement, done, failed }: Waiting, answers: readonly Settled[]): Promise<void> {
    const { id, version } = settlement.ref;
    const answer = answers.find(({ ref }) => ref.id === id && ref.version === version) ?? {
      ref: settlement.ref,
      how: 'failed' as const,
      reason: reason('INTERNAL', {
        why: `the listener ${this.#listener.address} did not say what became of it`,
      }),
    };
    try {
      await lease.write({
        type: 'settled',
        how: answer.how,
        ...(answer.reason && { reason: answer.reason }),
      });
      done(answer);
    } catch (error) {
      failed(error);
    }
  }
}

/**
 * Takes away the evidence of what has a receipt, and of what is known not to be in its COLD. If that fails it only takes
 * room: the submitter clears it in time.
 */
export async function forgetQuietly(
  submitter: ColdSubmitter,
  items: readonly ItemRecord[],
  fence?: number,
): Promise<void> {
  const submissions = items.flatMap((item) => item.submissions ?? []);
  const ids = submissions.filter((s) => s.receipt !== undefined || s.state === 'planned').map((s) => s.id);
  if (ids.length > 0) await submitter.forget?.(ids, fence === undefined ? {} : { fence }).catch(messageOf);
}

function settlementOf(item: ItemRecord, ref: ItemRef): Settlement {
  const discard = item.end === 'accept' ? (item.unwanted ?? []) : [];
  return {
    ref,
    end: item.end ?? 'accept',
    ...(item.reason && { reason: item.reason }),
    sent: sentOf(item),
    ...(discard.length > 0 && { discard }),
  };
}
