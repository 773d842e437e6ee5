import type { Clock } from '../clock.js';
import type { Change, Claim, ItemRecord, Ledger } from '../contracts/ledger.js';
import { LanceurError, messageOf } from '../errors.js';
import { changed } from '../ledger/transitions.js';

/**
 * A claim that is being worked under: its writes go one after the other, it is renewed in time, and `signal` is
 * aborted when somebody else has taken the item over.
 */
export class Lease {
  readonly #lost = new AbortController();
  readonly #ledger: Ledger;
  readonly #leaseMs: number;
  #claim: Claim;
  /** Part of the next write. */
  readonly #deferred: Change[] = [];
  #last: Promise<unknown> = Promise.resolve();

  constructor(ledger: Ledger, claim: Claim, leaseMs: number) {
    this.#ledger = ledger;
    this.#claim = claim;
    this.#leaseMs = leaseMs;
  }

  /** The item as this process knows it: with what is deferred. */
  get item(): ItemRecord {
    return this.#deferred.reduce((item, change) => changed(item, change, item.changedAt), this.#claim.item);
  }

  get fence(): number {
    return this.#claim.fence;
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Leaves a change to the next write, which takes it along, and fails with it: for what needs to be durable no sooner
   * than that. A sync of the ledger is most of what a small document costs.
   */
  defer(change: Change): void {
    this.#deferred.push(change);
  }

  async write(...changes: readonly Change[]): Promise<ItemRecord> {
    const write = this.#last.then(async () => {
      // A write that fails may have been made: nothing of it is written again.
      const all = [...this.#deferred.splice(0), ...changes];
      this.#claim = await this.#ledger.write(this.#claim, all, this.#leaseMs);
      return this.#claim.item;
    });
    return await this.#inTurn(write);
  }

  /** Without what is deferred. */
  async renew(): Promise<void> {
    const renewal = this.#last.then(async () => {
      this.#claim = await this.#ledger.write(this.#claim, [], this.#leaseMs);
    });
    await this.#inTurn(renewal);
  }

  async #inTurn<T>(write: Promise<T>): Promise<T> {
    this.#last = write.catch((error: unknown) => {
      if (LanceurError.is(error, 'LEASE_LOST')) this.#lost.abort(error);
    });
    return await write;
  }
}

/** Keeps the leases of a launcher alive, by one timer for all of them. */
export class Leases {
  readonly #held = new Set<Lease>();
  /** Let go of, but the ledger could not be told. */
  readonly #unreleased = new Set<Lease>();
  readonly #clock: Clock;
  readonly #everyMs: number;
  #stop: AbortController | undefined;

  constructor(clock: Clock, leaseMs: number) {
    this.#clock = clock;
    this.#everyMs = leaseMs / 3;
  }

  hold(lease: Lease): void {
    this.#held.add(lease);
    if (this.#stop !== undefined) return;
    this.#stop = new AbortController();
    void this.#renew(this.#stop.signal);
  }

  letGo(lease: Lease): void {
    this.#held.delete(lease);
    if (this.#held.size > 0) return;
    this.#stop?.abort();
    this.#stop = undefined;
  }

  /**
   * Lets go of an item whatever the ledger says. If it could not be told, it is before the next claim: else it would take
   * this process for lost, and the item for what ended it.
   */
  async release(lease: Lease): Promise<void> {
    await lease.write({ type: 'released' }).catch((error: unknown) => {
      if (!LanceurError.is(error, 'LEASE_LOST')) this.#unreleased.add(lease);
    });
  }

  /** Tells the ledger what it could not be told. @throws LanceurError of scope `system` if it still cannot. */
  async catchUp(): Promise<void> {
    for (const lease of this.#unreleased) {
      await lease.write({ type: 'released' }).catch((error: unknown) => {
        if (!LanceurError.is(error, 'LEASE_LOST')) throw error;
      });
      this.#unreleased.delete(lease);
    }
  }

  async #renew(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#clock.sleep(this.#everyMs, signal);
      if (signal.aborted) return;
      // A renewal that fails is not the end: the next write, or the fence, says what has become of the claim.
      await Promise.all([...this.#held].map(async (lease) => await lease.renew().catch(messageOf)));
    }
  }
}
