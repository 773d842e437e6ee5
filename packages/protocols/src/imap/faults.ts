import { LanceurError } from '@lanceur/core';
import { networkWords, tlsWords, withoutFullStop } from '../mail/connection-words.js';
import { loginUnsupported } from '../mail/credentials.js';
import { isTlsError } from '../mail/server.js';
import { whyOf, type Words } from '../words.js';
import type { Settings } from './options.js';

/** The server has answered a command with NO or BAD. */
export class Refused extends Error {
  /** RFC 5530: `OVERQUOTA`, in upper case. */
  readonly code: string | undefined;

  constructor(command: string, status: string, code: string | undefined, text: string) {
    const answer = [status, ...(code === undefined ? [] : [`[${code}]`]), ...(text === '' ? [] : [text])];
    super(`the server answered ${command} with ${answer.join(' ')}`);
    this.code = code;
  }
}

/** What imapflow adds to its errors, all of it from outside. */
interface Found {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly responseStatus?: unknown;
  readonly responseText?: unknown;
  readonly serverResponseCode?: unknown;
  readonly authenticationFailed?: unknown;
  readonly oauthError?: unknown;
  readonly tlsFailed?: unknown;
  readonly reason?: unknown;
}

/** What a failed command means; never with the error itself as cause, since that holds what was sent. */
export function commandFault(
  settings: Settings,
  command: string,
  error: unknown,
  lastCode: string | undefined,
  bye: string | undefined,
): LanceurError | Refused {
  if (LanceurError.is(error)) return error;
  if (error instanceof Refused) return error;
  const found: Found = error instanceof Error ? error : {};
  const status = textOf(found.responseStatus);
  if (status === 'NO' || status === 'BAD') {
    const code = textOf(found.serverResponseCode) || lastCode;
    const text = settings.login.hide(textOf(found.responseText));
    const refused = new Refused(command, status, code, withoutCode(text));
    if (textOf(found.code) !== 'ETHROTTLE' && !LIMIT_TEXT.test(text)) return refused;
    const limit = new LanceurError('MAILBOX_FAILED', { path: settings.place, why: refused.message });
    limits.add(limit);
    return limit;
  }
  return connectionFault(settings, error, bye);
}

// Gmail and Exchange, of the account as a whole: no mail is to blame, and a new connection makes it worse.
const LIMIT_TEXT = /throttl|bandwidth limits|authenticated but not connected|server unavailable/iu;
// With which Exchange ends the connection of an account that it has just throttled.
const LIMIT_BYE = /throttl|bandwidth limits|^connection closed\. 14$/iu;
const limits = new WeakSet<object>();

/** Whether the server has had enough of this account for now. */
export function isLimit(error: LanceurError): boolean {
  return limits.has(error);
}

/** What a server has said while it refused a login, beside its answer. */
interface Parting {
  /** With which it has taken its leave. */
  readonly bye: string | undefined;
  /** What is wrong with a token. */
  readonly challenge: object | undefined;
  /** The SASL mechanisms that it has offered: `PLAIN`. */
  readonly mechanisms: readonly string[];
}

/** What a failed connection or login means. */
export function loginFault(settings: Settings, error: unknown, parting: Parting): LanceurError {
  if (LanceurError.is(error)) return error;
  const found: Found = error instanceof Error ? error : {};
  const { bye } = parting;
  if (NO_MECHANISM.has(textOf(found.message))) return unsupported(settings, parting.mechanisms);
  if (!isRefusal(found, parting)) return connectionFault(settings, error, bye);
  const { login, place } = settings;
  const code = textOf(found.serverResponseCode).toUpperCase();
  const said = sentence(textOf(found.responseText)) || ended(bye, 'the login was refused');
  const challenge = parting.challenge ?? found.oauthError;
  const words = [
    login.hide(said),
    ...(code === '' ? [] : [`[${code}]`]),
    ...(isObject(challenge)
      ? [`(${login.hide(JSON.stringify(challenge)).slice(0, LONGEST_CHALLENGE)})`]
      : []),
  ];
  const why = words.join(' ');
  if (code === 'IN-USE') return new LanceurError('MAILBOX_BUSY', { path: place, why });
  if (PASSING.has(code) || PASSING_TEXT.test(said)) {
    return new LanceurError('MAILBOX_FAILED', { path: place, why });
  }
  return new LanceurError('LOGIN_REFUSED', { user: login.user, why });
}

const LONGEST_CHALLENGE = 200;

// In the words of imapflow, which finds nothing by which it could log in, and has sent nothing.
const NO_MECHANISM = new Set(['Unsupported authentication mechanism', 'Login is disabled']);

function unsupported({ login, place }: Settings, mechanisms: readonly string[]): LanceurError {
  return loginUnsupported(place, login.mechanism, mechanisms);
}

/** One sentence of a server: without what imapflow leaves of its answer's beginning, and without its full stop. */
function sentence(text: string): string {
  return withoutFullStop(withoutCode(text.replace(/^[0-9A-F]+ (?:NO|BAD)\b\s*/u, '')));
}

/**
 * Whether the server has refused who logs in, and not only lost the connection: with NO, with the challenge that says
 * what is wrong with a token, or with a BYE in so many words.
 */
function isRefusal(found: Found, { bye = '', challenge }: Parting): boolean {
  if (found.authenticationFailed === true) return true;
  if (textOf(found.code) === 'ETHROTTLE') return false;
  return challenge !== undefined || REFUSING_BYE.test(bye);
}

const REFUSING_BYE =
  /(?:authentication|log[io]n|logon|sign-?in) (?:was |is )?(?:failed|failure|refused|denied|rejected|disabled|attempts)|(?:invalid|bad|wrong|incorrect) (?:credentials|user|password|log[io]n)/iu;

// RFC 5530: it says nothing about the password.
const PASSING = new Set(['UNAVAILABLE', 'SERVERBUG', 'LIMIT', 'INUSE', 'SYS/TEMP']);
// Gmail, Exchange and Dovecot, which say so without a code.
const PASSING_TEXT =
  /too many (?:simultaneous )?connections|temporar|try again later|throttl|maximum number of connections|user is authenticated but not connected/iu;

function connectionFault(settings: Settings, error: unknown, said?: string): LanceurError {
  const { server, login, place } = settings;
  const found: Found = error instanceof Error ? error : {};
  const code = textOf(found.code);
  const message = login.hide(textOf(found.message) || 'the connection failed');
  if (found.tlsFailed === true || isTlsError(code)) {
    const why = whyOf(tlsWords(code, message));
    return new LanceurError('TLS_FAILED', { path: `${server.host}:${String(server.port)}`, ...why });
  }
  const bye = login.hide(said ?? textOf(found.reason));
  if (bye === '' && TIMEOUTS.has(code)) {
    return new LanceurError('MAILBOX_STALLED', { path: place, seconds: Math.ceil(server.timeoutMs / 1000) });
  }
  const isSlowed = code === 'ETHROTTLE' || LIMIT_BYE.test(bye);
  const known = code === 'ETHROTTLE' ? SLOWED : networkWords(code);
  const words = bye === '' ? (known ?? alike(message)) : alike(ended(bye, message));
  const why = whyOf(isSlowed && words !== SLOWED ? andSlowed(words) : words);
  const fault = new LanceurError('MAILBOX_FAILED', { path: place, ...why });
  if (isSlowed) limits.add(fault);
  return fault;
}

/** In the server's own words, where it has some: imapflow has these for a BYE without any. */
function ended(bye: string | undefined, otherwise: string): string {
  if (bye === undefined || bye === '') return otherwise;
  const words = bye === 'Server closed connection' ? '' : `: ${bye}`;
  return `the server closed the connection${words}`;
}

const TIMEOUTS = new Set(['ETIMEOUT', 'ETIMEDOUT', 'CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT']);

const SLOWED: Words = {
  en: 'the server slows this account down; poll less often (throttled)',
  fr: 'le serveur ralentit ce compte ; espacer les passages (throttled)',
};

function andSlowed({ en, fr }: Words): Words {
  return { en: `${en} (throttled; poll less often)`, fr: `${fr} (throttled ; espacer les passages)` };
}

/** The words of a server or a library, which have one language. */
function alike(text: string): Words {
  return { en: text, fr: text };
}

/** What stays of a refusal for the caller of a session. */
export function sourceFault(settings: Settings, error: unknown): LanceurError {
  if (LanceurError.is(error)) return error;
  if (!(error instanceof Refused)) return connectionFault(settings, error);
  const { place } = settings;
  if (error.code === 'IN-USE' || error.code === 'INUSE')
    return new LanceurError('MAILBOX_BUSY', { path: place, why: error.message });
  return new LanceurError('MAILBOX_FAILED', { path: place, why: error.message });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

function withoutCode(text: string): string {
  return text.replace(/^\[[^\]]*\]\s*/u, '');
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
