import { refuseUnknownOptions, safeName, type Clock } from '@lanceur/core';
import { atLeast, invalid } from '../invalid.js';
import { isLoopback } from '../loopback.js';
import { checkSecret, UNSAFE, type Secret } from '../secret.js';

/** How far the upload of a document has come. */
export interface UploadProgress {
  readonly submissionId: string;
  readonly job: string;
  /** The document's name in its delivery. */
  readonly name: string;
  /** Bytes that were handed to the connection. */
  readonly sent: number;
  /** Bytes of the whole document. */
  readonly size: number;
}

/** All in milliseconds. */
export interface EzgedTimeouts {
  /** For a connection to be made, TLS and proxy included. Default 10,000. */
  readonly connectMs?: number;
  /** How long nothing may move on a connection: no byte taken, no answer begun. Default 60,000. */
  readonly stallMs?: number;
  /** How long a session that nobody uses is kept before it is given back. Default 5,000. */
  readonly idleMs?: number;
  /** How often a session in use is kept alive; EzGED lets one die after 60 s. Default 20,000. */
  readonly keepaliveMs?: number;
  /** How long to wait, all in all, for a session while all licences are taken (-18). Default 30,000. */
  readonly licenceMs?: number;
}

export interface EzgedOptions {
  /** Where EzGED lives: what stands before `/data/service.php`, as in `https://ged.mairie.fr/ezged`. */
  readonly url: string;
  /** Which of its instances; sent as a cookie. Default: EzGED's own choice. */
  readonly instance?: string;
  /** The account ("utilisateur"). */
  readonly user: string;
  /** Sent as md5 for a local account, as EzGED wants it, and in clear (within TLS) with a `domain`. */
  readonly password: Secret;
  /** The directory that knows the account ("domaine"); without one it is local to EzGED. */
  readonly domain?: string;
  /** The installation's setting `upload_token` ("jeton"). */
  readonly token: Secret;
  /** The waiting directory ("répertoire d’attente") of each job, by its name below `ocr/wait`: `{ '87': 'factures' }`. */
  readonly jobs: Readonly<Record<string, string>>;
  /**
   * Puts the beginning of the submission's id into the uploaded name: `facture-3f2a9c1e7b04.pdf`. Two documents of one
   * name never meet in the waiting directory, and what was sent twice can be told by it. Default true; false for a COLD
   * that reads something out of the name.
   */
  readonly nameWithSubmissionId?: boolean;
  /** Uploads, last of all, a JSON file that lists the group's documents. Default false. */
  readonly manifest?: boolean;
  /** Certificates in PEM of authorities to trust instead of those that Node knows. */
  readonly ca?: string | readonly string[];
  /** An HTTP proxy that is asked to CONNECT: `http://proxy.mairie.fr:3128`, with `user:password@` if it wants that. */
  readonly proxy?: string;
  /** Speaks `http:` to another machine: anyone on the way can read password, token and documents. Default false. */
  readonly allowClearText?: boolean;
  readonly timeouts?: EzgedTimeouts;
  /** Uploads at once; more of them wait for their turn. Default 4. */
  readonly connections?: number;
  /** Told of each piece that has been sent. What it throws is dropped. */
  readonly onProgress?: (progress: UploadProgress) => void;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** The options, checked and complete. */
export interface Settings {
  readonly url: URL;
  /** For messages. */
  readonly shown: string;
  readonly instance: string | undefined;
  readonly user: string;
  readonly password: Secret;
  readonly domain: string | undefined;
  readonly token: Secret;
  readonly jobs: ReadonlyMap<string, string>;
  readonly nameWithSubmissionId: boolean;
  readonly manifest: boolean;
  readonly ca: readonly string[] | undefined;
  readonly proxy: URL | undefined;
  readonly timeouts: Required<EzgedTimeouts>;
  readonly connections: number;
  readonly onProgress: ((progress: UploadProgress) => void) | undefined;
}

const KNOWN: readonly (keyof EzgedOptions)[] = [
  'url',
  'instance',
  'user',
  'password',
  'domain',
  'token',
  'jobs',
  'nameWithSubmissionId',
  'manifest',
  'ca',
  'proxy',
  'allowClearText',
  'timeouts',
  'connections',
  'onProgress',
  'clock',
];

const DEFAULT_TIMEOUTS: Required<EzgedTimeouts> = {
  connectMs: 10_000,
  stallMs: 60_000,
  idleMs: 5_000,
  keepaliveMs: 20_000,
  licenceMs: 30_000,
};

/** @throws LanceurError `INVALID_OPTION` or `UNKNOWN_OPTION`. No message of it holds a secret. */
export function settingsOf(options: EzgedOptions): Settings {
  refuseUnknownOptions('ezged', options, KNOWN);
  const { timeouts = {}, connections = 4 } = options;
  refuseUnknownOptions('timeouts', timeouts, Object.keys(DEFAULT_TIMEOUTS));
  for (const [name, ms] of Object.entries(timeouts)) atLeast(`timeouts.${name}`, ms, 1);
  atLeast('connections', connections, 1);
  const flags = ['nameWithSubmissionId', 'manifest', 'allowClearText'] as const;
  for (const flag of flags) {
    if (!['undefined', 'boolean'].includes(typeof options[flag]))
      throw invalid(flag, 'true or false', options[flag]);
  }
  if (!['undefined', 'function'].includes(typeof options.onProgress))
    throw invalid('onProgress', 'a function', typeof options.onProgress);
  const url = urlOf(options.url, options.allowClearText === true);
  return {
    url,
    shown: `${url.origin}${url.pathname}`,
    instance: options.instance === undefined ? undefined : instanceOf(options.instance),
    user: oneLine('user', options.user, 'the name of an account, in one line'),
    password: checked('password', options.password),
    domain:
      options.domain === undefined || options.domain === ''
        ? undefined
        : oneLine('domain', options.domain, 'the name of a domain, in one line'),
    token: checked('token', options.token),
    jobs: jobsOf(options.jobs),
    nameWithSubmissionId: options.nameWithSubmissionId ?? true,
    manifest: options.manifest ?? false,
    ca: options.ca === undefined ? undefined : certificatesOf(options.ca),
    proxy: options.proxy === undefined ? undefined : proxyOf(options.proxy),
    timeouts: { ...DEFAULT_TIMEOUTS, ...timeouts },
    connections,
    onProgress: options.onProgress,
  };
}

function urlOf(text: unknown, allowClearText: boolean): URL {
  const url = parsed(text);
  const expected = 'an https: address such as https://ged.mairie.fr/ezged';
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw invalid('url', expected, kindOf(text));
  if (url.username !== '' || url.password !== '')
    throw invalid(
      'url',
      'an address without user and password, which are options of their own',
      'one with them',
    );
  if (url.search !== '' || url.hash !== '')
    throw invalid('url', `${expected}, without ? and #`, 'one with them');
  if (url.protocol === 'http:' && !allowClearText && !isLoopback(url.hostname)) {
    throw invalid('url', 'https: for another machine, or `allowClearText: true` beside it', url.origin);
  }
  url.pathname = url.pathname.replace(/\/+$/u, '');
  return url;
}

function parsed(text: unknown): URL | undefined {
  return typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
}

function proxyOf(text: unknown): URL {
  const url = parsed(text);
  // It may hold a password: what was found is not shown.
  if (url?.protocol !== 'http:')
    throw invalid('proxy', 'an address such as http://proxy.mairie.fr:3128', kindOf(text));
  return url;
}

function instanceOf(instance: unknown): string {
  // Goes into a cookie (RFC 6265, section 4.1.1).
  if (typeof instance === 'string' && /^[\w!#$%&'()*+./:<=>?@[\]^`{|}~-]+$/u.test(instance)) return instance;
  throw invalid(
    'instance',
    'the name of an instance, without blanks, commas, quotes and semicolons',
    instance,
  );
}

function jobsOf(jobs: unknown): ReadonlyMap<string, string> {
  if (typeof jobs !== 'object' || jobs === null || Object.keys(jobs).length === 0)
    throw invalid('jobs', 'at least one job with the name of its waiting directory', jobs);
  const all = Object.entries(jobs as Readonly<Record<string, unknown>>).map(([job, name]) => {
    if (job.trim() === '') throw invalid('jobs', 'jobs with a number or name', job);
    if (typeof name === 'string' && name !== '' && safeName(name) === name) return [job, name] as const;
    throw invalid(
      `jobs['${job}']`,
      'the name of a folder below ocr/wait, such as "factures", not a path',
      name,
    );
  });
  return new Map(all);
}

function checked(option: string, secret: Secret): Secret {
  checkSecret(option, secret);
  return secret;
}

function oneLine(option: string, text: unknown, expected: string): string {
  if (typeof text === 'string' && text !== '' && !UNSAFE.test(text)) return text;
  throw invalid(option, expected, kindOf(text));
}

function certificatesOf(ca: unknown): readonly string[] {
  const all: readonly unknown[] = Array.isArray(ca) ? ca : [ca];
  return all.map((each) => {
    if (typeof each === 'string' && each.includes('-----BEGIN CERTIFICATE-----')) return each;
    throw invalid('ca', 'certificates in PEM', typeof each);
  });
}

function kindOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' ? 'another text' : typeof value;
}
