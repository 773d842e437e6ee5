import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface ProxyOptions {
  /** The server's port on 127.0.0.1. */
  readonly to: number;
  /** A round trip takes this much longer. Default 0. */
  readonly roundTripMs?: number;
  /** The connection is reset once the server has sent this many bytes: none of those after them arrives. */
  readonly cutAfter?: number;
  /** How the cut looks: a reset (the default), or a polite end. */
  readonly cut?: 'reset' | 'end';
  /** From this many bytes of the server's on, nothing passes in either direction, and nobody is told. */
  readonly blackHoleAfter?: number;
}

/** Stands between a client and a server, and does what networks do. */
export interface Proxy {
  readonly port: number;
  /** Bytes that have arrived, over all connections. */
  readonly bytes: { readonly fromServer: number; readonly fromClient: number };
  /** Connections that were made so far. */
  readonly connections: number;
  /** From now on nothing passes on any connection, old or new; new ones are accepted. */
  blackHole(): void;
  /** Resets all connections. */
  reset(): void;
  stop(): Promise<void>;
}

export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const { to, roundTripMs = 0, cutAfter = Infinity, cut = 'reset', blackHoleAfter = Infinity } = options;
  const sockets = new Set<Socket>();
  const bytes = { fromServer: 0, fromClient: 0 };
  let connections = 0;
  let isHole = false;

  const cutBoth = (client: Socket, upstream: Socket): void => {
    upstream.destroy();
    if (cut === 'end') client.end();
    // Where data and reset are there together, libuv tells its user of a polite end.
    else setTimeout(() => client.resetAndDestroy(), 10);
  };
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    connections++;
    const upstream = connect({ port: to, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    let passed = 0;
    let cutting = false;
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      const later = delayed(socket, roundTripMs / 2);
      socket.on('error', () => later(() => other.destroy()));
      socket.on('close', () => {
        sockets.delete(socket);
        if (!isHole && passed < blackHoleAfter) later(() => cutting || other.destroy());
      });
      socket.on('data', (data: Buffer) => {
        bytes[socket === upstream ? 'fromServer' : 'fromClient'] += data.length;
        if (isHole || passed >= blackHoleAfter) return;
        let allowed = data;
        if (socket === upstream) {
          allowed = data.subarray(0, Math.min(cutAfter, blackHoleAfter) - passed);
          passed += data.length;
        }
        later(() => {
          cutting ||= passed >= cutAfter;
          const cutNow = cutting ? () => cutBoth(client, upstream) : undefined;
          if (allowed.length === 0) return cutNow?.();
          if (other.write(allowed, cutNow) || roundTripMs > 0) return;
          socket.pause();
          other.once('drain', () => socket.resume());
        });
      });
      socket.on('end', () => later(() => isHole || cutting || other.end()));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    bytes,
    get connections() {
      return connections;
    },
    blackHole: () => {
      isHole = true;
    },
    reset() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      if (server.listening) await once(server.close(), 'close');
    },
  };
}

const MOST_UNDER_WAY = 1000;

/** Does things in their order, each `ms` after it was asked for; holds the socket back when it sends faster than that. */
function delayed(socket: Socket, ms: number): (act: () => void) => void {
  if (ms === 0) return (act) => act();
  let waiting = 0;
  return (act) => {
    if (++waiting === MOST_UNDER_WAY) socket.pause();
    setTimeout(() => {
      act();
      if (waiting-- === MOST_UNDER_WAY) socket.resume();
    }, ms);
  };
}
