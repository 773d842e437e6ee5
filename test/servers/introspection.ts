import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A token endpoint that says who a token belongs to (RFC 7662), for Dovecot. */
export interface Introspection {
  readonly url: string;
  /** Users by the tokens that are good now. */
  readonly tokens: Map<string, string>;
  /** Whether it answers nobody but with a failure of its own. */
  isAway: boolean;
  stop(): Promise<void>;
}

export async function startIntrospection(): Promise<Introspection> {
  const tokens = new Map<string, string>();
  const server = createServer((request, response) => {
    if (introspection.isAway) {
      response.writeHead(500).end();
      return;
    }
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const username = tokens.get(new URLSearchParams(body).get('token') ?? '');
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(username === undefined ? { active: false } : { active: true, username }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const introspection: Introspection = {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/introspect`,
    tokens,
    isAway: false,
    async stop() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
  return introspection;
}
