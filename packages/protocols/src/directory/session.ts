import {
  LanceurError,
  type Delivery,
  type ItemRef,
  type Session,
  type Settled,
  type Settlement,
  type SourceMemory,
  type Wants,
} from '@lanceur/core';
import { deliveryOf, located } from './delivery.js';
import { sourceError } from './faults.js';
import { Listing, type ListingState } from './list.js';
import { Mover } from './moving.js';
import type { Settings } from './options.js';
import { probe, type Probe } from './probe.js';
import { completeRestores, restore } from './quarantine.js';
import { Settling } from './settle.js';
import { Sightings } from './sightings.js';

const COARSEST_TICK_MS = 2000;

export class DirectorySession implements Session {
  readonly #settings: Settings;
  readonly #state: ListingState;
  readonly #memory: SourceMemory;
  readonly #signal: AbortSignal | undefined;
  readonly #note: (error: LanceurError) => LanceurError;
  readonly #settling: Settling;
  #probing: Promise<Probe | undefined> | undefined;
  #closed = false;

  constructor(
    settings: Settings,
    state: ListingState,
    memory: SourceMemory,
    signal: AbortSignal | undefined,
    note: (error: LanceurError) => LanceurError,
  ) {
    this.#settings = settings;
    this.#state = state;
    this.#memory = memory;
    this.#signal = signal;
    this.#note = note;
    this.#settling = new Settling(settings, () => this.#needsDigest());
  }

  async *list(): AsyncGenerator<ItemRef> {
    this.#expectOpen();
    const items = new Listing(this.#settings, this.#state, this.#memory).items();
    try {
      const mover = new Mover(this.#settings);
      await completeRestores(this.#settings, mover);
      await mover.flush();
      for await (const ref of items) {
        this.#expectOpen();
        yield ref;
      }
    } catch (error) {
      throw this.#note(sourceError(this.#settings.root, error));
    }
  }

  async open(
    ref: ItemRef,
    wants?: Wants,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Delivery> {
    this.#expectOpen(options.signal);
    const found = await this.#locate(ref);
    const incomplete =
      this.#settings.timeout.then === 'take'
        ? (await Sightings.readOne(this.#memory, ref.id))?.givenUp
        : undefined;
    return deliveryOf(this.#settings, ref, found, { wants, incomplete });
  }

  async settle(batch: readonly Settlement[]): Promise<readonly Settled[]> {
    this.#expectOpen();
    try {
      return await this.#settling.settle(batch);
    } catch (error) {
      throw this.#note(sourceError(this.#settings.root, error));
    }
  }

  async restore(refs: readonly ItemRef[]): Promise<readonly ItemRef[]> {
    this.#expectOpen();
    const mover = new Mover(this.#settings);
    try {
      const restored = await restore(this.#settings, mover, refs);
      await mover.flush();
      return restored;
    } catch (error) {
      throw this.#note(sourceError(this.#settings.root, error));
    }
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #locate(ref: ItemRef) {
    try {
      return await located(this.#settings, ref, undefined);
    } catch (error) {
      if (!LanceurError.is(error, 'GONE', 'CHANGED')) throw error;
      // A ledger that was lost knows nothing of an item that was captured before.
      const captured = await this.#settling.captured(ref);
      if (captured === undefined) throw error;
      return await this.#locateCaptured(ref, captured);
    }
  }

  async #locateCaptured(ref: ItemRef, captured: NonNullable<Awaited<ReturnType<Settling['captured']>>>) {
    try {
      return await located(this.#settings, ref, captured);
    } catch (error) {
      if (LanceurError.is(error, 'CHANGED')) await this.#settling.release(captured);
      throw error;
    }
  }

  async #needsDigest(): Promise<boolean> {
    const { verify, quietMs } = this.#settings;
    if (verify === 'digest' || quietMs === 0) return true;
    if (quietMs >= COARSEST_TICK_MS) return false;
    if (this.#state.tickMs === undefined) {
      this.#probing ??= probe(this.#settings).finally(() => {
        this.#probing = undefined;
      });
      const found = await this.#probing;
      this.#state.tickMs ??= found?.tickMs ?? COARSEST_TICK_MS;
    }
    return quietMs < this.#state.tickMs;
  }

  #expectOpen(signal?: AbortSignal): void {
    if (this.#closed) throw new LanceurError('CLOSED', { what: 'the session' });
    if (this.#signal?.aborted === true || signal?.aborted === true) throw new LanceurError('ABORTED');
  }
}
