import { createHash } from 'node:crypto';

/** A secret, or a function that gets it when it is needed: from a vault, from a file that an administrator renews. */
export type Secret = string | (() => string | Promise<string>);

/** What would end a line, and with it a header or a request. */
export const UNSAFE = /[\r\n\0]/u;

const MOST_PASSING = 256;

/** A secret that cannot be had; its message holds nothing of it. */
export class SecretError extends Error {}

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
    let value: unknown;
    try {
      value = typeof secret === 'function' ? await secret() : secret;
    } catch (error) {
      // Its message may hold what it was asked for.
      const kind = error instanceof Error ? error.name : typeof error;
      throw new SecretError(`the function \`${option}\` threw (${kind})`);
    }
    if (typeof value === 'string' && value !== '' && !UNSAFE.test(value)) return this.add(value);
    throw new SecretError(
      `the function \`${option}\` gave no text, or one that is empty or holds CR, LF or NUL`,
    );
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
