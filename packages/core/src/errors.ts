import { CODES, type Code, type CodeData, type Scope } from './codes.js';
import type { Sent } from './contracts/item.js';
import { reason, whatToDo, withProblems, type Reason } from './reasons.js';

export interface LanceurErrorOptions {
  readonly cause?: unknown;
  /** The job whose circuit a `target` error opens. */
  readonly job?: string;
  /** Where this case differs from what its code says by default. */
  readonly transient?: boolean;
  /** Of a submission: the documents of the group that are in the COLD all the same. */
  readonly have?: readonly Sent[];
  /** What is wrong, where it is several things at once: the message and the reason list them. */
  readonly problems?: readonly Reason[];
}

type Arguments<C extends Code> = [keyof CodeData<C>] extends [never]
  ? [data?: undefined, options?: LanceurErrorOptions]
  : [data: CodeData<C>, options?: LanceurErrorOptions];

/**
 * The one error class of Lanceur. `code` says what happened, `scope` what it concerns, `transient` whether it can
 * heal by itself; the message tells an operator what to do.
 *
 * ```ts
 * throw new LanceurError('TARGET_GONE', { path, job }, { job, cause });
 * ```
 */
export class LanceurError<C extends Code = Code> extends Error {
  override readonly name = 'LanceurError';
  readonly code: C;
  readonly scope: Scope;
  readonly transient: boolean;
  /** The job that a `target` error concerns. */
  declare readonly job?: string;
  /** What a submission that failed has placed all the same; see `ColdSubmitter`. */
  declare readonly have?: readonly Sent[];
  /** The same as a plain value, for a ledger, an event or a report. */
  readonly reason: Reason;

  constructor(code: C, ...[data, options = {}]: Arguments<C>) {
    const plain = (reason as (code: Code, data?: object) => Reason)(code, data);
    const why = options.problems === undefined ? plain : withProblems(plain, options.problems);
    const todo = whatToDo(code);
    super(
      todo === undefined ? why.message : `${why.message.replace(/\.$/u, '')}. ${todo}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
    this.scope = CODES[code].scope;
    this.transient = options.transient ?? CODES[code].transient;
    if (options.job !== undefined) this.job = options.job;
    if (options.have !== undefined && options.have.length > 0) this.have = options.have;
    this.reason = why;
  }

  /** Whether `error` is a `LanceurError`, from whichever copy of the library, with one of `codes` if any are given. */
  static is(error: unknown, ...codes: readonly Code[]): error is LanceurError {
    if (!(error instanceof Error) || error.name !== 'LanceurError' || !('code' in error)) return false;
    return codes.length === 0 || codes.includes(error.code as Code);
  }
}

/** What went wrong, in a few words fit for the `why` of a reason. Never empty. */
export function messageOf(error: unknown): string {
  if (LanceurError.is(error)) return error.reason.message;
  if (!(error instanceof Error)) return textOf(error);
  if (error.message !== '') return error.message;
  // A connection that was refused at every address of a host is an AggregateError with a code and no message.
  const [first] = error instanceof AggregateError ? (error.errors as readonly unknown[]) : [];
  if (first !== undefined) return messageOf(first);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

/** The error as a reason: its own if it is a `LanceurError`, else `INTERNAL` with its message. */
export function reasonOf(error: unknown): Reason {
  return LanceurError.is(error) ? error.reason : reason('INTERNAL', { why: messageOf(error) });
}

function textOf(value: unknown): string {
  try {
    const text = String(value);
    return text === '' ? 'an empty text was thrown' : text;
  } catch {
    return `a value of type ${typeof value} was thrown`;
  }
}

/** Whether it is what `signal.throwIfAborted()` and Node's own functions throw when they are stopped. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
