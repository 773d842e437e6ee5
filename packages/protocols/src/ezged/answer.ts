import { LanceurError, type Code, type CodeData, type LanceurErrorOptions, type Sent } from '@lanceur/core';
import type { Secrets } from './secrets.js';
import { WireFailure, type Reply } from './wire.js';

/** What EzGED says: 0 is well. */
export const TOO_MANY_SESSIONS = -18;
export const NO_SESSION = 401;

/** EzGED's own words, understood. */
export interface Answer {
  readonly errorcode: number;
  readonly errormsg: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What the messages of this room have in common. */
export interface Voice {
  /** The address, for messages. */
  readonly shown: string;
  readonly user: string;
  readonly stallMs: number;
  readonly secrets: Secrets;
}

/** An error whose words hold no secret, with a cause that holds none either. */
export function ezgedError<C extends Code>(
  code: C,
  data: CodeData<C>,
  voice: Voice,
  options: LanceurErrorOptions = {},
): LanceurError {
  const clean = Object.fromEntries(
    Object.entries<string | number>(data).map(([key, value]) => [
      key,
      typeof value === 'string' ? voice.secrets.hide(value) : value,
    ]),
  );
  return new LanceurError(code as 'EZGED_UNREACHABLE', clean as CodeData<'EZGED_UNREACHABLE'>, options);
}

/** The same error with the job at whose circuit it waits, and with what is there all the same. */
export function told(error: unknown, job: string, have: readonly Sent[]): unknown {
  if (!LanceurError.is(error)) return error;
  const needsJob = error.scope === 'target' && error.job === undefined;
  if (!needsJob && have.length === 0) return error;
  return new LanceurError(
    error.code as 'EZGED_UNREACHABLE',
    (error.reason.data ?? {}) as CodeData<'EZGED_UNREACHABLE'>,
    {
      job,
      transient: error.transient,
      cause: error.cause,
      have,
    },
  );
}

/** What a failed exchange was, as an error. */
export function wireError(error: unknown, what: string, voice: Voice): LanceurError {
  if (LanceurError.is(error)) return error;
  const { shown: url, stallMs } = voice;
  const why = error instanceof Error ? error.message : String(error);
  if (!(error instanceof WireFailure)) return new LanceurError('INTERNAL', { why: voice.secrets.hide(why) });
  switch (error.kind) {
    case 'unreachable':
    case 'cut':
      return ezgedError('EZGED_UNREACHABLE', { url, why }, voice);
    case 'unsafe':
      return ezgedError('EZGED_UNSAFE', { url, why }, voice);
    case 'stalled':
      return ezgedError('EZGED_STALLED', { url, what: why, seconds: Math.round(stallMs / 1000) }, voice);
    case 'garbled':
      return ezgedError('EZGED_BAD_ANSWER', { url, what, why }, voice);
  }
}

/**
 * The answer in EzGED's protocol. Its `errorcode` may be a number or a text; for an upload, `success` stands for it.
 * @throws LanceurError `EZGED_REDIRECTED`, `EZGED_BAD_ANSWER`.
 */
export function answerIn(reply: Reply, what: string, voice: Voice): Answer {
  const { shown: url } = voice;
  if (reply.status >= 300 && reply.status < 400) {
    throw ezgedError('EZGED_REDIRECTED', { url, to: placeOf(reply.location, url) }, voice);
  }
  const fields = objectIn(reply.body);
  const errorcode = fields === undefined ? undefined : codeIn(fields);
  if (reply.status === NO_SESSION && errorcode === undefined) {
    return { errorcode: NO_SESSION, errormsg: 'HTTP 401', fields: {} };
  }
  const errormsg = typeof fields?.['errormsg'] === 'string' ? fields['errormsg'].trim() : '';
  if (reply.status >= 400 && (errorcode === undefined || errorcode === 0)) {
    const why = errormsg === '' ? wordsIn(reply) : `HTTP ${String(reply.status)}, ${errormsg}`;
    throw ezgedError('EZGED_BAD_ANSWER', { url, what, why }, voice);
  }
  if (fields === undefined || errorcode === undefined) {
    const why = fields === undefined ? wordsIn(reply) : 'JSON without errorcode';
    throw ezgedError('EZGED_BAD_ANSWER', { url, what, why }, voice);
  }
  return { errorcode, errormsg: errormsg === '' ? 'it does not say why' : errormsg, fields };
}

/** EzGED's own refusal, for what has no code of ours. */
export function refusedBy({ errorcode, errormsg }: Answer, what: string, voice: Voice): LanceurError {
  return ezgedError('EZGED_REFUSED', { url: voice.shown, what, why: errormsg, number: errorcode }, voice);
}

/** Of an answer's `rows`: the first of a list, or the object itself. */
export function rowOf({ fields }: Answer): Readonly<Record<string, unknown>> | undefined {
  const rows: unknown = fields['rows'];
  const row: unknown = Array.isArray(rows) ? rows[0] : rows;
  return isObject(row) ? row : undefined;
}

/** A whole number, written as one or as text. */
export function numberIn(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\s*-?\d+\s*$/u.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

function codeIn(fields: Readonly<Record<string, unknown>>): number | undefined {
  const code = numberIn(fields['errorcode']);
  const { success } = fields;
  if (success === undefined) return code;
  const isWell = success === true || success === 'true' || numberIn(success) === 1;
  const isBad = success === false || success === 'false' || success === null || numberIn(success) === 0;
  if (isWell) return code === undefined || code === 0 ? 0 : undefined;
  // Refused, whatever the number says.
  return isBad ? (code === undefined || code === 0 ? -1 : code) : undefined;
}

/** What PHP prints in front of an answer (a warning) is not part of it. */
function objectIn(body: string): Readonly<Record<string, unknown>> | undefined {
  const text = body.replace(/^\ufeff/u, '').trim();
  for (const at of [0, text.lastIndexOf('\n{') + 1, text.lastIndexOf('>{') + 1]) {
    if (text.charAt(at) !== '{') continue;
    try {
      const value: unknown = JSON.parse(text.slice(at));
      if (isObject(value)) return value;
    } catch {
      // Not from here.
    }
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wordsIn({ status, type, body }: Reply): string {
  const isPage = /html/iu.test(type) || /^\s*<(?:!doctype|html)/iu.test(body);
  const title = /<title[^>]*>(?<title>[^<]{1,200})/iu.exec(body)?.groups?.['title']?.trim();
  const words = isPage
    ? `an HTML page${title === undefined ? '' : ` ("${title}")`}`
    : body.trim() === ''
      ? 'nothing'
      : `"${body.trim().slice(0, 80)}"`;
  return `HTTP ${String(status)}, ${words}`;
}

/** Without the query: a session travels in it. */
function placeOf(location: string | undefined, base: string): string {
  if (location === undefined || !URL.canParse(location, base)) return 'nowhere';
  const url = new URL(location, base);
  return `${url.origin}${url.pathname}`;
}
