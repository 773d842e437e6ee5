import { LanceurError, messageOf } from '@lanceur/core';
import { networkWords, tlsWords, withoutFullStop } from '../mail/connection-words.js';
import { whyOf, type Words } from '../words.js';
import { ReplyError } from './client.js';
import { WireError } from './wire.js';

/** What a failure is told with: where, as whom, and how secrets are kept out of it. */
export interface Place {
  /** `pop3 factures@mairie.fr@pop.example.org:995`. */
  readonly address: string;
  readonly user: string;
  hide(text: string): string;
}

/** What a failure of the connection, or an -ERR outside of the login, means. */
export function sourceError(error: unknown, place: Place): LanceurError {
  if (LanceurError.is(error)) return error;
  const path = place.address;
  if (error instanceof ReplyError) return refusal(error, place);
  const why = place.hide(messageOf(error));
  // The cause may quote what was sent; the wire's own words do not.
  if (!(error instanceof WireError)) return new LanceurError('MAILBOX_FAILED', { path, why });
  const { what, code, seconds } = error;
  if (what === 'tls') return new LanceurError('TLS_FAILED', { path, ...whyOf(tlsWords(code, why)) });
  if (seconds !== undefined) return new LanceurError('MAILBOX_STALLED', { path, seconds });
  const words = networkWords(code) ?? (isImap(error) ? SPEAKS_IMAP : { en: why, fr: why });
  return new LanceurError('MAILBOX_FAILED', { path, ...whyOf(words) });
}

function isImap({ what, message }: WireError): boolean {
  return what === 'protocol' && /^the server sent "\* (?:OK|PREAUTH|BYE)\b/u.test(message);
}

const SPEAKS_IMAP: Words = {
  en: 'an IMAP server answers at this port; POP3 has 995 for TLS, and 110',
  fr: 'un serveur IMAP répond à ce port ; POP3 a le 995 pour TLS, et le 110',
};

/**
 * What an -ERR to a login means. Where the server marks wrong credentials (RFC 3206, AUTH-RESP-CODE), one that is not
 * marked is a trouble of its own; elsewhere it is taken for them, unless its words speak of the mailbox.
 */
export function loginError(error: ReplyError, place: Place, marksCredentials: boolean): LanceurError {
  const text = place.hide(said(error));
  if (error.code === undefined && BUSY.test(error.text) && !LOCKED_OUT.test(error.text)) {
    return new LanceurError('MAILBOX_BUSY', { path: place.address, why: text });
  }
  const isCredentials = error.code === 'AUTH' || (error.code === undefined && !marksCredentials);
  if (isCredentials) return new LanceurError('LOGIN_REFUSED', { user: place.user, why: text });
  return refusal(error, place);
}

/** An -ERR by its response code (RFC 2449, section 8.1; RFC 3206, section 4). */
function refusal(error: ReplyError, place: Place): LanceurError {
  const path = place.address;
  const why = place.hide(said(error));
  switch (error.code) {
    case 'IN-USE':
      return new LanceurError('MAILBOX_BUSY', { path, why });
    case 'LOGIN-DELAY':
      return new LanceurError('LOGIN_TOO_SOON', { path, why });
    case 'AUTH':
      return new LanceurError('LOGIN_REFUSED', { user: place.user, why });
    case 'SYS/PERM':
      return new LanceurError('MAILBOX_FAILED', { path, why }, { transient: false });
    default:
      return new LanceurError('MAILBOX_FAILED', { path, why });
  }
}

// RFC 1939, section 7, PASS: "unable to lock maildrop", "maildrop already locked".
const BUSY = /\b(?:lock(?:ed)?|in use|busy|another session)\b/iu;
// After too many wrong passwords, which each further login makes worse.
const LOCKED_OUT = /^(?!.*(?:mail ?(?:box|drop)|session)).*\b(?:account|user|login)\b.*\block(?:ed|out)\b/iu;

/** In the server's words. */
export function said(error: ReplyError): string {
  const words = withoutFullStop(error.text.trim());
  const text = words === '' ? 'the server refused without a word' : words;
  return error.code === undefined ? text : `${text} [${error.code}]`;
}
