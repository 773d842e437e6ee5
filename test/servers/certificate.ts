import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface Certificate {
  /** PEM of the authority, for a client that is to trust it. */
  readonly ca: string;
  /** Files in PEM, for a server. */
  readonly certFile: string;
  readonly keyFile: string;
}

/** An authority of its own and a certificate for `localhost` and 127.0.0.1, made in `folder` with openssl. */
export function makeCertificate(folder: string): Certificate {
  const at = (name: string): string => path.join(folder, name);
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-days',
    '2',
    '-subj',
    '/CN=Lanceur tests',
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
  );
  openssl('req', ...key, '-subj', '/CN=localhost', '-keyout', at('server.key'), '-out', at('server.csr'));
  writeFileSync(at('server.ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  openssl(
    ...['x509', '-req', '-days', '2', '-in', at('server.csr'), '-CA', at('ca.pem'), '-CAkey', at('ca.key')],
    ...['-CAcreateserial', '-extfile', at('server.ext'), '-out', at('server.pem')],
  );
  return { ca: readFileSync(at('ca.pem'), 'utf8'), certFile: at('server.pem'), keyFile: at('server.key') };
}
