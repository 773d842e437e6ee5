import { createHash } from 'node:crypto';
import { inFrench, LanceurError } from '@lanceur/core';
import { SecretError, secretFrom, type Secret } from '../secret.js';

const MOST_PASSING = 256;

/**
 * Everything that must never be seen: once it has been given or received, {@link hide} takes it out of any text, in each
 * form in which it travels.
 */
export class Secrets {
  readonly #forms = new Set<string>();
  /** The newest last. */
  readonly #passing = new Set<string>();

  add(secret: string): string {
    for (const form of formsOf(secret)) this.#forms.add(form);
    return secret;
  }

  /** One that changes all the time, as a session's id does: the newest of them are remembered. */
  addPassing(secret: string): string {
    for (const form of formsOf(secret)) {
      this.#passing.delete(form);
      this.#passing.add(form);
    }
    for (const oldest of this.#passing) {
      if (this.#passing.size <= MOST_PASSING) break;
      this.#passing.delete(oldest);
    }
    return secret;
  }

  /** @throws SecretError */
  async valueOf(option: string, secret: Secret): Promise<string> {
    try {
      return this.add(typeof secret === 'function' ? await secretFrom(option, secret) : secret);
    } catch (error) {
      // Of this target, and not of the process: others go on without this secret.
      throw LanceurError.is(error)
        ? new SecretError({ en: error.reason.message, fr: inFrench(error.reason) })
        : error;
    }
  }

  hide(text: string): string {
    let clean = text;
    // The longest first: one may be part of another.
    for (const form of [...this.#forms, ...this.#passing].sort((a, b) => b.length - a.length))
      clean = clean.replaceAll(form, '***');
    return clean;
  }
}

function formsOf(secret: string): readonly string[] {
  const forms = [secret, encoded(secret), md5(secret), JSON.stringify(secret).slice(1, -1)];
  // A text of a letter or two is no secret, and would make every message unreadable.
  return forms.filter((form) => form.length > 2);
}

/** For a query or a form, also where a text is no valid Unicode. */
export function encoded(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));
}

export function md5(text: string): string {
  return createHash('md5').update(text, 'utf8').digest('hex');
}
