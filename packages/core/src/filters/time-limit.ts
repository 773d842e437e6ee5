import vm from 'node:vm';

import { LanceurError } from '../errors.js';

/** Names on which a pattern is cut off before it is no longer tried at all. */
const CUT_OFF_AT_MOST = 3;

/** Whether `regex` matches; `undefined` if that was not known after `limitMs`. */
type LimitedTest = (regex: RegExp, name: string, limitMs: number) => boolean | undefined;

export interface TimeLimitOptions {
  /** For messages. */
  readonly pattern: string;
  readonly limitMs: number;
  /** Default: {@link testWithin}. */
  readonly test?: LimitedTest;
}

/**
 * The test of a regular expression under a limit of time. However many names there are that it cannot cope with, only
 * the first few cost their time: a name that was cut off is refused at once when it comes again, and after
 * three such names every name is.
 *
 * @throws LanceurError `PATTERN_TOO_SLOW` from the function that it returns.
 */
export function timeLimited(regex: RegExp, options: TimeLimitOptions): (name: string) => boolean {
  const { pattern, limitMs, test = testWithin } = options;
  // The errors are kept as well: making one, with its stack, costs more than most matches.
  const cutOff = new Map<string, LanceurError>();

  return (name) => {
    const [first] = cutOff.values();
    const known = cutOff.get(name) ?? (cutOff.size < CUT_OFF_AT_MOST ? undefined : first);
    if (known !== undefined) throw known;
    // Time is the wall's: a machine that slept, or had other things to do, gets a second try.
    const result = test(regex, name, limitMs) ?? test(regex, name, limitMs);
    if (result !== undefined) return result;
    const error = new LanceurError('PATTERN_TOO_SLOW', { pattern, ms: limitMs, name });
    cutOff.set(name, error);
    throw error;
  };
}

let sandbox: { readonly context: vm.Context; readonly script: vm.Script } | undefined;

/** Costs about 0.1 ms, for the thread that watches the time: the only way to stop a regular expression in Node. */
export function testWithin(regex: RegExp, name: string, limitMs: number): boolean | undefined {
  sandbox ??= { context: vm.createContext({}), script: new vm.Script('regex.test(name)') };
  const { context, script } = sandbox;
  Object.assign(context, { regex, name });
  try {
    return script.runInContext(context, { timeout: limitMs }) === true;
  } catch (error) {
    // The error comes from the sandbox, so that it is no instance of this side's Error.
    if ((error as { readonly code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  } finally {
    Object.assign(context, { regex: undefined, name: undefined });
  }
}
