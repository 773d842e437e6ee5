import { once } from 'node:events';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Settings } from './options.js';

/** No connection could be made; `message` says why, without secrets. */
export class NoConnection extends Error {
  readonly kind: 'unreachable' | 'unsafe' | 'stalled';

  constructor(kind: NoConnection['kind'], why: string) {
    super(why);
    this.kind = kind;
  }
}

/**
 * A connection to EzGED: through the proxy if there is one, with TLS if the address says so; the certificate is always
 * verified.
 * @throws NoConnection
 */
export async function connectTo(settings: Settings): Promise<Socket> {
  const { url, proxy, timeouts } = settings;
  const deadline = AbortSignal.timeout(timeouts.connectMs);
  const server = { host: hostOf(url), port: portOf(url) };
  const socket = await plainSocket(
    proxy === undefined ? server : { host: hostOf(proxy), port: portOf(proxy) },
    deadline,
  );
  try {
    if (proxy !== undefined) await askProxy(socket, proxy, server, deadline);
    return url.protocol === 'https:' ? await secured(socket, settings, deadline) : socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

interface Address {
  readonly host: string;
  readonly port: number;
}

async function plainSocket({ host, port }: Address, deadline: AbortSignal): Promise<Socket> {
  const socket = connectPlain({ host, port, noDelay: true });
  try {
    await once(socket, 'connect', { signal: deadline });
    return socket;
  } catch (error) {
    socket.on('error', () => undefined);
    socket.destroy();
    throw deadline.aborted
      ? new NoConnection('stalled', 'no connection was made')
      : new NoConnection('unreachable', wordsFor(error));
  }
}

const LONGEST_PROXY_ANSWER = 16 * 1024;

/** RFC 9110, section 9.3.6. */
async function askProxy(
  socket: Socket,
  proxy: URL,
  { host, port }: Address,
  deadline: AbortSignal,
): Promise<void> {
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${String(port)}`;
  const account = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const credentials =
    proxy.username === '' ? '' : `Proxy-Authorization: Basic ${Buffer.from(account).toString('base64')}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${credentials}\r\n`);
  let answer = Buffer.alloc(0);
  while (!answer.includes('\r\n\r\n')) {
    if (answer.length > LONGEST_PROXY_ANSWER)
      throw new NoConnection('unreachable', 'the proxy does not speak HTTP');
    answer = Buffer.concat([answer, await nextBytes(socket, deadline)]);
  }
  const head = answer.indexOf('\r\n\r\n') + 4;
  const status = /^HTTP\/1\.[01] (?<status>\d{3})/u.exec(answer.toString('latin1'))?.groups?.['status'];
  if (status?.startsWith('2') !== true) {
    const hint = status === '407' ? ', it wants user and password' : '';
    throw new NoConnection('unreachable', `the proxy refused to connect (HTTP ${status ?? '?'}${hint})`);
  }
  if (answer.length > head) socket.unshift(answer.subarray(head));
}

async function nextBytes(socket: Socket, deadline: AbortSignal): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read() as Buffer | null;
    if (bytes !== null) return bytes;
    if (socket.readableEnded || socket.destroyed)
      throw new NoConnection('unreachable', 'the proxy closed the connection');
    try {
      await Promise.race([
        once(socket, 'readable', { signal: deadline }),
        once(socket, 'end', { signal: deadline }),
      ]);
    } catch (error) {
      throw deadline.aborted
        ? new NoConnection('stalled', 'the proxy does not answer')
        : new NoConnection('unreachable', `the connection to the proxy broke: ${wordsFor(error)}`);
    }
  }
}

async function secured(socket: Socket, { url, ca }: Settings, deadline: AbortSignal): Promise<Socket> {
  const host = hostOf(url);
  const tls = connectTls({
    socket,
    host,
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    // An address is no server name (RFC 6066, section 3); Node verifies it against the certificate all the same.
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca: [...ca] }),
  });
  try {
    await once(tls, 'secureConnect', { signal: deadline });
    return tls;
  } catch (error) {
    tls.on('error', () => undefined);
    tls.destroy();
    if (deadline.aborted) throw new NoConnection('stalled', 'the TLS handshake does not end');
    throw new NoConnection(isTlsError(error) ? 'unsafe' : 'unreachable', wordsFor(error));
  }
}

function isTlsError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return !/^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET)/u.test(code);
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/gu, '');
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (ECONNREFUSED)',
  ECONNRESET: 'the connection was cut (ECONNRESET)',
  EPIPE: 'the connection was cut (EPIPE)',
  ENOTFOUND: 'its name is not known (ENOTFOUND)',
  EAI_AGAIN: 'the name server does not answer (EAI_AGAIN)',
  ETIMEDOUT: 'it does not answer (ETIMEDOUT)',
  EHOSTUNREACH: 'there is no way to it (EHOSTUNREACH)',
  ENETUNREACH: 'there is no network (ENETUNREACH)',
  EMFILE: 'the process may open no more connections and files (EMFILE)',
  CERT_HAS_EXPIRED: 'its certificate has expired (CERT_HAS_EXPIRED)',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself (DEPTH_ZERO_SELF_SIGNED_CERT)',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not known here (SELF_SIGNED_CERT_IN_CHAIN)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is not known here (UNABLE_TO_VERIFY_LEAF_SIGNATURE)',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not known here (UNABLE_TO_GET_ISSUER_CERT_LOCALLY)',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name (ERR_TLS_CERT_ALTNAME_INVALID)',
};

/** What an error of a connection means; only its code is used, because some of them carry bytes of the wire along. */
export function wordsFor(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return wordsFor(error.errors[0]);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string') return 'the connection failed';
  if (code.startsWith('HPE_')) return `it does not speak HTTP (${code})`;
  return WORDS[code] ?? `the connection failed (${code})`;
}
