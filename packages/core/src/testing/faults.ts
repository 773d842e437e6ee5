import { effect, type Step } from './step.js';

/** When a scripted failure strikes. */
export interface FaultTiming {
  /** How many of these effects still go well. Default 0. */
  readonly after?: number;
  /** The effect takes place and only its answer is lost. Default false. */
  readonly done?: boolean;
}

interface Fault extends FaultTiming {
  readonly error: Error | undefined;
  remaining: number;
}

/** Failures that a test has ordered, by the kind of effect that they strike. */
export class Faults<Kind extends string> {
  readonly #waiting = new Map<Kind, Fault[]>();

  /** The next effect of this kind fails. Several that are ordered strike one after the other. */
  order(kind: Kind, error: Error | undefined, timing: FaultTiming = {}): void {
    const faults = this.#waiting.get(kind) ?? [];
    faults.push({ ...timing, error, remaining: timing.after ?? 0 });
    this.#waiting.set(kind, faults);
  }

  /** `act`, with a step on either side, unless a failure is due; `usual` makes its error if none was ordered. */
  async run<T>(
    kind: Kind,
    step: Step | undefined,
    act: () => T,
    usual: (timing: FaultTiming) => Error,
  ): Promise<T> {
    const fault = this.#due(kind);
    if (fault !== undefined && fault.done !== true) throw fault.error ?? usual(fault);
    const result = await effect(step, kind, act);
    if (fault !== undefined) throw fault.error ?? usual(fault);
    return result;
  }

  #due(kind: Kind): Fault | undefined {
    const faults = this.#waiting.get(kind);
    const fault = faults?.[0];
    if (faults === undefined || fault === undefined) return undefined;
    if (fault.remaining > 0) {
      fault.remaining--;
      return undefined;
    }
    faults.shift();
    return fault;
  }
}
