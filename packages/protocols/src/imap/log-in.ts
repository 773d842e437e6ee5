import { LanceurError, type SourceMemory } from '@lanceur/core';
import type { Login } from '../mail/credentials.js';
import type { LoginPause } from '../mail/login-pause.js';

/** Carries out a login: when, how often, and with which token. `fresh`: the last token was refused, ask for a new one. */
export type LogIn = <T>(attempt: (fresh: boolean) => Promise<T>) => Promise<T>;

export const once: LogIn = (attempt) => attempt(false);

/** A token that is refused may have been taken back before its time: one more login, with a fresh one. */
export function renewing(login: Login): LogIn {
  return async (attempt) => {
    try {
      return await attempt(false);
    } catch (error) {
      if (!login.renews || !LanceurError.is(error, 'LOGIN_REFUSED')) throw error;
      return await attempt(true);
    }
  };
}

/** Not before the pause after a refusal is over, which is remembered. */
export function pausing(
  logIn: LogIn,
  pause: LoginPause,
  memory: SourceMemory,
  signal: AbortSignal | undefined,
): LogIn {
  return async (attempt) => await pause.around(memory, () => logIn(attempt), signal);
}
