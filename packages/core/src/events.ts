import { EventEmitter } from 'eventemitter3';
import type { End, How } from './contracts/listener.js';
import type { ItemRef, Receipt } from './contracts/item.js';
import type { Found } from './contracts/submitter.js';
import type { LanceurError } from './errors.js';
import type { RunReport } from './launcher/report.js';
import type { Reason } from './reasons.js';

/** What a launcher tells while it works. Telemetry only: nothing depends on who listens. */
export interface LauncherEvents {
  /** A poll begins. */
  readonly pollStarted: { readonly at: number };
  readonly pollEnded: RunReport;
  /** An item was left in its source, and why. */
  readonly left: { readonly ref: ItemRef; readonly reason: Reason };
  /** A group is in its COLD, and the receipt is durable. */
  readonly submitted: { readonly ref: ItemRef; readonly job: string; readonly receipt: Receipt };
  /** An attempt failed; `willRetry` unless that was the last one. */
  readonly failed: {
    readonly ref: ItemRef;
    readonly reason: Reason;
    readonly job?: string;
    readonly willRetry: boolean;
  };
  /** What became of a submission whose attempt was cut short. */
  readonly doubt: { readonly ref: ItemRef; readonly submissionId: string; readonly found: Found['is'] };
  /** An item's end is decided. */
  readonly ended: { readonly ref: ItemRef; readonly end: End; readonly reason?: Reason };
  /** The source has done its part; with `how: 'failed'` it could not, for this `reason`, and is asked again at the next poll. */
  readonly settled: {
    readonly ref: ItemRef;
    readonly end: End;
    readonly how: How;
    readonly reason?: Reason;
  };
  /** A job's target stopped answering, or answers again. */
  readonly circuit: {
    readonly job: string;
    readonly open: boolean;
    readonly until?: number;
    readonly reason?: Reason;
  };
  /** A poll, or a call of `process`, ended in an error of the source or the system. */
  readonly error: LanceurError;
}

export type LauncherEvent = keyof LauncherEvents;
type Handler<Event> = (event: Event) => unknown;

/** An emitter whose listeners can do no harm: one that throws, or rejects, is reported as a process warning. */
export class Events<All extends object = LauncherEvents> {
  readonly #emitter = new EventEmitter<Record<string, [event: unknown]>>();
  readonly #guarded = new WeakMap<object, (event: unknown) => void>();

  on<E extends keyof All & string>(event: E, handler: Handler<All[E]>): void {
    this.#emitter.on(event, this.#guard(handler as Handler<unknown>));
  }

  once<E extends keyof All & string>(event: E, handler: Handler<All[E]>): void {
    this.#emitter.once(event, this.#guard(handler as Handler<unknown>));
  }

  off<E extends keyof All & string>(event: E, handler: Handler<All[E]>): void {
    this.#emitter.off(event, this.#guard(handler as Handler<unknown>));
  }

  isHeard(event: keyof All & string): boolean {
    return this.#emitter.listenerCount(event) > 0;
  }

  emit<E extends keyof All & string>(event: E, value: All[E]): void {
    this.#emitter.emit(event, value);
  }

  #guard(handler: Handler<unknown>): (event: unknown) => void {
    const known = this.#guarded.get(handler);
    if (known !== undefined) return known;
    const guarded = (event: unknown): void => {
      try {
        const result = handler(event);
        if (result instanceof Promise) result.catch(warn);
      } catch (error) {
        warn(error);
      }
    };
    this.#guarded.set(handler, guarded);
    return guarded;
  }
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error), 'LanceurEventHandler');
}
