import { LanceurError } from '@lanceur/core';
import { invalid, invalidInWords } from '../invalid.js';
import { checkSecret, SecretError, secretFrom, UNSAFE, type Secret } from '../secret.js';
import { whyOf } from '../words.js';

/**
 * An OAuth 2 access token, or a function that gets one. `fresh`: the server has just refused the last one, so that one
 * from a cache will not do.
 */
export type AccessToken = string | ((asked: { readonly fresh: boolean }) => string | Promise<string>);

/** How to log in: with a password, or with an access token (XOAUTH2). One of them. */
export interface MailCredentials {
  /** The account ("compte"): `factures@mairie.fr`. */
  readonly user: string;
  /** For Gmail an app password ("mot de passe d'application"). */
  readonly password?: Secret;
  /** For Microsoft 365, which takes nothing else; see `refreshTokens` and `clientCredentials`. */
  readonly accessToken?: AccessToken;
}

export interface SecretOptions {
  /** The server has refused the last token. */
  readonly fresh?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The credentials of a listener, checked. */
export interface Login {
  readonly user: string;
  readonly mechanism: 'password' | 'xoauth2';
  /** Whether a token that was refused can be replaced by a fresh one. */
  readonly renews: boolean;
  /**
   * The password, or a token. What it gives is hidden by `hide` from then on.
   * @throws LanceurError `SECRET_FAILED` if it cannot be had, holds what must not reach the wire, or if the function that
   *   gets it does not answer for five minutes; `ABORTED`.
   */
  secret(o?: SecretOptions): Promise<string>;
  /** A text from outside without the secrets, should it repeat them. */
  hide(text: string): string;
}

/** @throws LanceurError `INVALID_OPTION`. No message of it holds a secret. */
export function loginOf(options: MailCredentials): Login {
  const { user, password, accessToken } = options;
  if (typeof user !== 'string' || user === '' || UNSAFE.test(user)) {
    throw invalid('user', 'the name of an account, in one line', typeof user === 'string' ? user : undefined);
  }
  if ((password === undefined) === (accessToken === undefined)) {
    throw invalidInWords(
      'password',
      { en: 'given, or `accessToken`, and not both', fr: 'donné, ou `accessToken`, et pas les deux' },
      password === undefined ? { en: 'neither', fr: 'aucun' } : { en: 'both', fr: 'les deux' },
    );
  }
  const option = password === undefined ? 'accessToken' : 'password';
  const source: unknown = password ?? accessToken;
  checkSecret(option, source);
  const given: string[] = [];
  return {
    user,
    mechanism: password === undefined ? 'xoauth2' : 'password',
    renews: typeof accessToken === 'function',
    async secret({ fresh = false, signal } = {}) {
      const asking = asked(user, option, () =>
        password === undefined ? valueOf(accessToken ?? '', { fresh }) : valueOf(password),
      );
      const secret = await inTime(asking, user, option, signal);
      if (!given.includes(secret)) given.unshift(secret);
      given.splice(MOST_HIDDEN);
      return secret;
    },
    hide: (text) => hidden(text, user, given),
  };
}

/** So many of the last are hidden: a service gets a new token every hour, and a server repeats none but the last. */
const MOST_HIDDEN = 10;
const LONGEST_MS = 5 * 60_000;

/** The server has nothing to log in by that fits what was given; it was sent nothing. */
export function loginUnsupported(
  path: string,
  mechanism: Login['mechanism'],
  offered: readonly string[],
): LanceurError {
  const byToken = mechanism === 'xoauth2';
  return new LanceurError('LOGIN_UNSUPPORTED', {
    path,
    wanted: byToken ? 'an access token (XOAUTH2)' : 'a password',
    wanted_fr: byToken ? 'jeton d’accès (XOAUTH2)' : 'mot de passe',
    offered: offered.join(', ') || 'nothing before TLS, or at all',
    offered_fr: offered.join(', ') || 'rien avant TLS, ou rien du tout',
  });
}

/** The initial response of XOAUTH2, as Google and Microsoft define it, in base64. */
export function xoauth2(user: string, token: string): string {
  return Buffer.from(`user=${user}\x01auth=Bearer ${token}\x01\x01`).toString('base64');
}

async function asked(user: string, option: string, get: () => string | Promise<string>): Promise<string> {
  try {
    return await secretFrom(option, get);
  } catch (error) {
    if (error instanceof SecretError)
      throw new LanceurError('SECRET_FAILED', { user, ...whyOf(error.words) });
    throw error;
  }
}

/** Whoever gets secrets may never answer, and a launcher that is stopped does not wait for it. */
async function inTime(
  secret: Promise<string>,
  user: string,
  option: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  let aborted: () => void = () => undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const seconds = String(LONGEST_MS / 1000);
      const why = `the function \`${option}\` has not answered for ${seconds} s`;
      const why_fr = `la fonction \`${option}\` ne répond pas depuis ${seconds} s`;
      reject(new LanceurError('SECRET_FAILED', { user, why, why_fr }));
    }, LONGEST_MS);
    aborted = () => reject(new LanceurError('ABORTED'));
    signal?.addEventListener('abort', aborted, { once: true });
    if (signal?.aborted === true) aborted();
  });
  try {
    return await Promise.race([secret, tooLong]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', aborted);
  }
}

function valueOf<A extends readonly unknown[]>(
  source: string | ((...args: A) => string | Promise<string>),
  ...args: A
): string | Promise<string> {
  return typeof source === 'string' ? source : source(...args);
}

function hidden(text: string, user: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    const quoted = JSON.stringify(secret).slice(1, -1);
    const forms = [xoauth2(user, secret), ...base64Of(secret), secret, quoted];
    for (const form of forms) clean = clean.replaceAll(form, '***');
  }
  return clean;
}

const SHORTEST_BASE64 = 4;

/** What a secret looks like in base64, wherever in an encoded text it stands (SASL sends it behind the name of the user). */
function base64Of(secret: string): readonly string[] {
  return [0, 1, 2]
    .map((before) => {
      const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
      // Only characters that no neighbour has a share in.
      return bytes.toString('base64').slice(Math.ceil((before * 4) / 3), Math.floor((bytes.length * 4) / 3));
    })
    .filter((form) => form.length >= SHORTEST_BASE64);
}
