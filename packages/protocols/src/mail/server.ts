import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { invalid, invalidInWords } from '../invalid.js';
import { isLoopback } from '../loopback.js';
import { UNSAFE } from '../secret.js';
import type { Words } from '../words.js';

/** Where a mailbox is, and how its server is spoken to. */
export interface MailServer {
  /** Name or address: `imap.gmail.com`, `outlook.office365.com`, `127.0.0.1` for a local stunnel. */
  readonly host: string;
  /** Default, and for 0: the protocol's own. */
  readonly port?: number;
  /**
   * - `implicit` (default): TLS from the first byte on.
   * - `starttls`: TLS by STARTTLS or STLS; where the server does not offer it, nothing is sent.
   * - `none`: in clear. Only to this machine (a local stunnel), unless `passwordInClear`.
   */
  readonly tls?: 'implicit' | 'starttls' | 'none';
  /** Certificates in PEM of authorities to trust instead of those that Node knows: of one's own server. */
  readonly ca?: string | readonly string[];
  /** The name that the server's certificate must be for, where it is not `host`. */
  readonly serverName?: string;
  /** Does not verify the server's certificate: anyone on the way can read the password. Default false. */
  readonly acceptAnyCertificate?: boolean;
  /** Sends password or token without TLS over a network: anyone on the way can read it. Default false. */
  readonly passwordInClear?: boolean;
  /** How long the server may say nothing before the connection is given up, in milliseconds. Default 60,000. */
  readonly timeoutMs?: number;
}

/** The names of its options, for `refuseUnknownOptions`. */
export const MAIL_SERVER_OPTIONS: readonly (keyof MailServer)[] = [
  'host',
  'port',
  'tls',
  'ca',
  'serverName',
  'acceptAnyCertificate',
  'passwordInClear',
  'timeoutMs',
];

/** A server by its options, checked. */
export interface Server {
  readonly host: string;
  readonly port: number;
  readonly tls: 'implicit' | 'starttls' | 'none';
  /** For `tls.connect`; without host and port. */
  readonly tlsOptions: ConnectionOptions;
  readonly timeoutMs: number;
}

/**
 * @param ports - of the protocol: with implicit TLS, and without.
 * @throws LanceurError `INVALID_OPTION`.
 */
export function serverOf(
  options: MailServer,
  ports: { readonly implicit: number; readonly plain: number },
): Server {
  const { host, port = 0, tls = 'implicit', ca, serverName, timeoutMs = 60_000 } = options;
  if (typeof host !== 'string' || !HOST.test(host))
    throw invalid('host', 'the name or address of a server', shownText(host));
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw invalid('port', 'a port, or 0', port);
  if (!['implicit', 'starttls', 'none'].includes(tls))
    throw invalid('tls', 'one of implicit, starttls, none', tls);
  if (serverName !== undefined && (typeof serverName !== 'string' || !HOST.test(serverName)))
    throw invalid('serverName', 'the name of a server', shownText(serverName));
  if (typeof timeoutMs !== 'number' || !(timeoutMs >= 1 && timeoutMs <= LONGEST_TIMEOUT_MS))
    throw invalid('timeoutMs', `a number from 1 to ${String(LONGEST_TIMEOUT_MS)}`, timeoutMs);
  for (const option of ['acceptAnyCertificate', 'passwordInClear'] as const) {
    if (!['undefined', 'boolean'].includes(typeof options[option]))
      throw invalid(option, 'true or false', options[option]);
  }
  if (tls === 'none' && options.passwordInClear !== true && !isLoopback(host)) {
    throw invalid(
      'tls',
      'implicit or starttls for another machine, or `passwordInClear: true` beside it',
      tls,
    );
  }
  return {
    host,
    port: port === 0 ? (tls === 'implicit' ? ports.implicit : ports.plain) : port,
    tls,
    tlsOptions: {
      minVersion: 'TLSv1.2',
      rejectUnauthorized: options.acceptAnyCertificate !== true,
      ...(ca !== undefined && { ca: certificates(ca) }),
      // An address is no server name (RFC 6066, section 3); Node verifies it against the certificate all the same.
      ...(serverName !== undefined
        ? { servername: serverName }
        : isIP(host) === 0
          ? { servername: host }
          : {}),
    },
    timeoutMs,
  };
}

const HOST = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})$|^[0-9A-Fa-f:.]{2,45}$/u;
// What a timer of Node can wait, with some room for what is computed from it.
const LONGEST_TIMEOUT_MS = 3_600_000;

function certificates(ca: unknown): string[] {
  const all: readonly unknown[] = Array.isArray(ca) ? ca : [ca];
  if (all.length === 0) throw invalid('ca', 'certificates in PEM', 'none');
  return all.map((each) => {
    if (typeof each === 'string' && isCertificate(each)) return each;
    throw invalidInWords('ca', PEM, foundAsCa(each));
  });
}

function isCertificate(pem: string): boolean {
  try {
    return pem.includes('-----BEGIN CERTIFICATE-----') && new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

const PEM: Words = {
  en: 'certificates in PEM, the content of the file',
  fr: 'des certificats en PEM, le contenu du fichier',
};

function foundAsCa(found: unknown): Words {
  if (typeof found !== 'string') return { en: typeof found, fr: typeof found };
  const looksLikePath = found.length < LONGEST_PATH && /^[^\r\n\0]+$/u.test(found) && /[\\/.]/u.test(found);
  return looksLikePath
    ? {
        en: `what looks like a path, ${JSON.stringify(found)}: read that file`,
        fr: `ce qui semble un chemin, ${JSON.stringify(found)} : lire ce fichier`,
      }
    : { en: 'a text that holds none', fr: 'un texte qui n’en contient pas' };
}

const LONGEST_PATH = 1024;

function shownText(value: unknown): unknown {
  return typeof value === 'string' && UNSAFE.test(value) ? 'a text with CR, LF or NUL' : value;
}

/** What a certificate or a handshake was refused for, by Node's and OpenSSL's codes. */
export function isTlsError(code: string): boolean {
  return TLS_CODES.test(code);
}

const TLS_CODES =
  /^(?:ERR_TLS|ERR_SSL|EPROTO$|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|INVALID_CA|HOSTNAME_MISMATCH|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|CRL_)/u;
