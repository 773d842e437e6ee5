import { LanceurError, refuseUnknownOptions, systemClock, type Clock } from '@lanceur/core';
import * as oauth from 'oauth4webapi';
import { invalid, invalidInWords } from '../invalid.js';
import { whyOf, type Words } from '../words.js';
import { networkWords, tlsWords } from './connection-words.js';
import { isTlsError } from './server.js';

/** What every way to a token has in common. */
export interface TokenOptions {
  /**
   * Where tokens are given out: `https://login.microsoftonline.com/<tenant>/oauth2/v2.0/token`,
   * `https://oauth2.googleapis.com/token`.
   */
  readonly tokenEndpoint: string;
  readonly clientId: string;
  /** Left out for a public client. */
  readonly clientSecret?: string | (() => string | Promise<string>);
  /** `https://outlook.office.com/POP.AccessAsUser.All offline_access`, `https://mail.google.com/`. */
  readonly scope?: string;
  /** How long the token endpoint may take, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
}

export interface RefreshTokenOptions extends TokenOptions {
  /**
   * From the consent that a person gave once. A function if it is kept somewhere: it is asked before each exchange, since
   * another program may have replaced it there.
   */
  readonly refreshToken: string | (() => string | Promise<string>);
  /**
   * Keeps the refresh token that replaces the last one, before it is used (RFC 6749, section 6). The next process must find
   * it: where servers rotate tokens, the old one is worth nothing.
   */
  readonly onRotated?: (refreshToken: string) => void | Promise<void>;
}

/** A function for `accessToken`: keeps a token while it is good for another minute. */
export type TokenFunction = (asked?: { readonly fresh: boolean }) => Promise<string>;

/**
 * Access tokens by a refresh token (RFC 6749, section 6): for one account whose owner has consented.
 *
 * @throws LanceurError `INVALID_OPTION`; the function it returns, `TOKEN_REFUSED`,
 *   `TOKEN_ENDPOINT_FAILED`.
 */
export function refreshTokens(options: RefreshTokenOptions): TokenFunction {
  refuseUnknownOptions('refreshTokens', options, [...OPTIONS, 'refreshToken', 'onRotated']);
  const settings = settingsOf(options);
  let current: string | undefined;
  let seen: string | undefined;
  // Where it is kept, another program may have replaced it since.
  const newest = async (): Promise<string> => {
    const kept = await valueOf(options.refreshToken);
    if (kept !== seen) current = kept;
    seen = kept;
    return current ?? kept;
  };
  const additionalParameters = options.scope === undefined ? {} : { scope: options.scope };
  const exchange = async (used: string, request: oauth.TokenEndpointRequestOptions) => {
    const { server, client } = settings;
    const auth = await settings.auth();
    const response = await oauth.refreshTokenGrantRequest(server, client, auth, used, {
      ...request,
      additionalParameters,
    });
    return await oauth.processRefreshTokenResponse(server, client, response);
  };
  return keeping(settings, async (request) => {
    let used = await newest();
    const answer = await exchange(used, request).catch(async (error: unknown) => {
      if (!(error instanceof oauth.ResponseBodyError) || error.error !== 'invalid_grant') throw error;
      // Another program has used it up just now, and keeps the next one.
      const next = await newest();
      if (next === used) throw error;
      used = next;
      return await exchange(used, request);
    });
    const next = answer.refresh_token;
    if (next !== undefined && next !== used) {
      current = next;
      await options.onRotated?.(next);
    }
    return answer;
  });
}

/**
 * Access tokens by client credentials (RFC 6749, section 4.4): for a service that an administrator has let into the
 * mailbox (Microsoft 365, scope `https://outlook.office365.com/.default`).
 *
 * @throws LanceurError `INVALID_OPTION`; the function it returns, `TOKEN_REFUSED`,
 *   `TOKEN_ENDPOINT_FAILED`.
 */
export function clientCredentials(options: TokenOptions): TokenFunction {
  refuseUnknownOptions('clientCredentials', options, OPTIONS);
  const settings = settingsOf(options);
  return keeping(settings, async (request) => {
    const response = await oauth.clientCredentialsGrantRequest(
      settings.server,
      settings.client,
      await settings.auth(),
      options.scope === undefined ? {} : { scope: options.scope },
      request,
    );
    return await oauth.processClientCredentialsResponse(settings.server, settings.client, response);
  });
}

const OPTIONS: readonly (keyof TokenOptions)[] = [
  'tokenEndpoint',
  'clientId',
  'clientSecret',
  'scope',
  'timeoutMs',
  'clock',
];

/** A token is not handed out for its last minute: it has to last for a login. */
const MARGIN_MS = 60_000;
/** Where the server does not say how long (RFC 6749, section 5.1, only recommends it). */
const USUAL_SECONDS = 600;

interface Settings {
  readonly server: oauth.AuthorizationServer;
  readonly client: oauth.Client;
  readonly auth: () => Promise<oauth.ClientAuth>;
  readonly endpoint: URL;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

function settingsOf(options: TokenOptions): Settings {
  const { tokenEndpoint, clientId, clientSecret, timeoutMs = 30_000, clock = systemClock } = options;
  const endpoint = URL.canParse(tokenEndpoint) ? new URL(tokenEndpoint) : undefined;
  const isSafe =
    endpoint?.protocol === 'https:' || (endpoint?.protocol === 'http:' && LOOPBACK.test(endpoint.hostname));
  if (endpoint === undefined || !isSafe || endpoint.username !== '' || endpoint.password !== '') {
    throw invalid(
      'tokenEndpoint',
      'an https address',
      endpoint === undefined ? tokenEndpoint : endpoint.origin,
    );
  }
  const [placeholder] = /<[^<>]*>|\{[^{}]*\}/u.exec(tokenEndpoint) ?? [];
  if (placeholder !== undefined) {
    throw invalidInWords(
      'tokenEndpoint',
      { en: 'an https address with all its names', fr: 'une adresse https avec tous ses noms' },
      { en: `${placeholder}, to be replaced`, fr: `${placeholder}, à remplacer` },
    );
  }
  if (typeof clientId !== 'string' || clientId === '') throw invalid('clientId', 'a text', clientId);
  if (!(timeoutMs >= 1)) throw invalid('timeoutMs', 'a number from 1 up', timeoutMs);
  return {
    server: { issuer: endpoint.origin, token_endpoint: endpoint.href },
    client: { client_id: clientId },
    auth: async () =>
      clientSecret === undefined ? oauth.None() : oauth.ClientSecretPost(await valueOf(clientSecret)),
    endpoint,
    timeoutMs,
    clock,
  };
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/u;

/** Keeps the token while it is good; those who ask meanwhile share one request. */
function keeping(
  settings: Settings,
  grant: (request: oauth.TokenEndpointRequestOptions) => Promise<oauth.TokenEndpointResponse>,
): TokenFunction {
  const { clock, endpoint, timeoutMs } = settings;
  let kept: { readonly token: string; readonly until: number } | undefined;
  let asking: Promise<string> | undefined;

  const ask = async (): Promise<string> => {
    try {
      const answer = await grant({
        signal: AbortSignal.timeout(timeoutMs),
        // Loopback only, see `settingsOf`: what RFC 6749 section 3.2 asks TLS for never leaves the machine.
        // eslint-disable-next-line @typescript-eslint/no-deprecated
        [oauth.allowInsecureRequests]: endpoint.protocol === 'http:',
      });
      const lasts = (answer.expires_in ?? USUAL_SECONDS) * 1000;
      kept = { token: answer.access_token, until: clock.now() + lasts - MARGIN_MS };
      return answer.access_token;
    } catch (error) {
      throw refused(endpoint, error);
    }
  };

  return async ({ fresh } = { fresh: false }) => {
    if (!fresh && kept !== undefined && clock.now() < kept.until) return kept.token;
    kept = undefined;
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return await asking;
  };
}

/** Without a cause: the library's errors carry the answer, and with it tokens. */
function refused(endpoint: URL, error: unknown): LanceurError {
  if (LanceurError.is(error)) return error;
  const host = endpoint.host;
  if (error instanceof oauth.ResponseBodyError) {
    // The words of RFC 6749, section 5.2; descriptions are free text that could repeat a secret.
    const said = JSON.stringify(error.error.slice(0, 80));
    const codes = codesOf(error);
    const behind = codes === '' ? '' : ` (${codes})`;
    const why = { why: `it says ${said}${behind}`, why_fr: `il dit ${said}${behind}` };
    return new LanceurError('TOKEN_REFUSED', { host, ...why }, { transient: error.status >= 500 });
  }
  const isTimeout = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
  return new LanceurError('TOKEN_ENDPOINT_FAILED', { host, ...whyOf(isTimeout ? SILENT : wordsFor(error)) });
}

/** Microsoft's own numbers, by which people search, out of a text of which nothing else is repeated. */
function codesOf({ error_description: text = '', cause }: oauth.ResponseBodyError): string {
  const named = /^(?:AADSTS|AADB2C)\d{4,9}\b/u.exec(text)?.[0];
  if (named !== undefined) return named;
  const numbers: unknown = cause['error_codes'];
  if (!Array.isArray(numbers)) return '';
  return numbers
    .filter((each) => Number.isSafeInteger(each))
    .slice(0, MOST_CODES)
    .join(', ');
}

const MOST_CODES = 5;

function wordsFor(error: unknown): Words {
  if (!(error instanceof Error)) return UNREACHED;
  const { cause } = error;
  const code =
    cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
  if (code !== undefined) return isTlsError(code) ? tlsWords(code, UNREACHED.en) : unreached(code);
  // What `fetch` throws for whatever keeps it from an answer.
  if (error instanceof TypeError) return UNREACHED;
  return {
    en: `its answer is none of OAuth 2 (${error.name})`,
    fr: `sa réponse n’est pas du OAuth 2 (${error.name})`,
  };
}

const SILENT: Words = { en: 'it does not answer', fr: 'il ne répond pas' };
const UNREACHED: Words = { en: 'the connection failed', fr: 'la connexion a échoué' };

function unreached(code: string): Words {
  return networkWords(code) ?? { en: `${UNREACHED.en} (${code})`, fr: `${UNREACHED.fr} (${code})` };
}

async function valueOf(source: string | (() => string | Promise<string>)): Promise<string> {
  return typeof source === 'string' ? source : await source();
}
