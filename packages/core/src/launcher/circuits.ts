import type { Reason } from '../reasons.js';
import { isAhead } from '../ahead.js';
import { backoff, type BackoffOptions } from './backoff.js';

interface Circuit {
  readonly failures: number;
  readonly since: number;
  readonly until: number;
  readonly reason: Reason;
  /** One submission is trying whether the target answers again. */
  readonly probing: boolean;
}

export interface OpenCircuit {
  readonly job: string;
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly reason: Reason;
}

/** How a job's circuit waits: from 5 s to 5 min. */
const DELAYS: BackoffOptions = { firstDelayMs: 5_000, maxDelayMs: 300_000 };

/**
 * One circuit a job: open while its target does not answer, so that an outage costs a backlog one attempt at a time
 * and no document anything. When its delay is over, one submission goes through as a probe.
 */
export class Circuits {
  readonly #circuits = new Map<string, Circuit>();
  readonly #now: () => number;
  readonly #random: () => number;

  constructor(now: () => number, random: () => number) {
    this.#now = now;
    this.#random = random;
  }

  /** The circuit, if nothing may go to this job now. */
  blocked(job: string): OpenCircuit | undefined {
    const circuit = this.#circuits.get(job);
    if (circuit === undefined || (!circuit.probing && !this.#isWaiting(circuit))) return undefined;
    return { job, until: circuit.until, reason: circuit.reason };
  }

  /** Like {@link blocked}, for somebody who goes to the job if it is not; who must call one of the three below. */
  enter(job: string): OpenCircuit | undefined {
    const blocked = this.blocked(job);
    if (blocked !== undefined) return blocked;
    const circuit = this.#circuits.get(job);
    if (circuit !== undefined) this.#circuits.set(job, { ...circuit, probing: true });
    return undefined;
  }

  /** The target answered. True if that closes its circuit. */
  succeeded(job: string): boolean {
    return this.#circuits.delete(job);
  }

  /** The target did not answer. Failures of what was already under way count once. */
  failed(job: string, reason: Reason): OpenCircuit {
    const before = this.#circuits.get(job);
    if (before !== undefined && !before.probing && this.#isWaiting(before)) return { job, ...before };
    const failures = (before?.failures ?? 0) + 1;
    const since = this.#now();
    const until = since + backoff(failures, DELAYS, this.#random);
    this.#circuits.set(job, { failures, since, until, reason, probing: false });
    return { job, until, reason };
  }

  /** Nothing was learnt about the target. */
  left(job: string): void {
    const circuit = this.#circuits.get(job);
    if (circuit !== undefined) this.#circuits.set(job, { ...circuit, probing: false });
  }

  #isWaiting({ until, since }: Circuit): boolean {
    return isAhead(until, since, this.#now());
  }

  open(): readonly OpenCircuit[] {
    return [...this.#circuits].map(([job, { until, reason }]) => ({ job, until, reason }));
  }
}
