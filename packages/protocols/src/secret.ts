import { LanceurError } from '@lanceur/core';
import type { Words } from './words.js';

/** A secret, or a function that gets it when it is needed: from a vault, from a file that an administrator renews. */
export type Secret = string | (() => string | Promise<string>);

/** What must never reach the wire from a setting: it would end the line, and begin a command or header of its own. */
export const UNSAFE = /[\r\n\0]/u;

/** A secret that cannot be had; its message holds nothing of it. */
export class SecretError extends Error {
  readonly words: Words;

  constructor(words: Words) {
    super(words.en);
    this.words = words;
  }
}

/** @throws LanceurError `INVALID_OPTION`, without the secret. */
export function checkSecret(option: string, secret: unknown): void {
  if (typeof secret === 'function' || isFit(secret)) return;
  throw new LanceurError('INVALID_OPTION', {
    option,
    expected: 'a text in one line, or a function',
    found: typeof secret === 'string' ? 'a text that is empty or holds CR, LF or NUL' : typeof secret,
  });
}

/**
 * The secret of an option, from the function that gets it.
 * @throws {@link SecretError}; a LanceurError of the function's passes: it says what is the matter, and is fit to be read.
 */
export async function secretFrom(option: string, get: () => string | Promise<string>): Promise<string> {
  let secret: unknown;
  try {
    secret = await get();
  } catch (error) {
    if (LanceurError.is(error)) throw error;
    // Its message may hold what it was asked for, and a cause would be printed with it.
    const kind = error instanceof Error ? error.name : typeof error;
    throw new SecretError({
      en: `the function \`${option}\` threw (${kind})`,
      fr: `la fonction \`${option}\` a levé une exception (${kind})`,
    });
  }
  if (isFit(secret)) return secret;
  throw new SecretError({
    en: `the function \`${option}\` gave no text, or one that is empty or holds CR, LF or NUL`,
    fr: `la fonction \`${option}\` n’a donné aucun texte, ou un texte vide ou contenant CR, LF ou NUL`,
  });
}

function isFit(secret: unknown): secret is string {
  return typeof secret === 'string' && secret !== '' && !UNSAFE.test(secret);
}
