import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startProxy, type Proxy, type ProxyOptions } from './proxy.js';

let server: Server;
let proxy: Proxy | undefined;

/** A server that sends what it is sent. */
beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  await proxy?.stop();
  await once(server.close(), 'close');
});

async function through(options: Omit<ProxyOptions, 'to'>) {
  proxy = await startProxy({ to: (server.address() as AddressInfo).port, ...options });
  const client = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  await once(client, 'connect');
  return client;
}

test('all passes, in order, and later', async () => {
  const client = await through({ roundTripMs: 30 });
  const sent = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));
  const begun = performance.now();
  client.end(sent);
  expect((await buffer(client)).equals(sent)).toBe(true);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(28);
  expect(proxy?.bytes).toEqual({ fromServer: sent.length, fromClient: sent.length });
});

test.each(['reset', 'end'] as const)('a connection is cut (%s) after exactly so many bytes', async (cut) => {
  const client = await through({ cutAfter: 7, cut });
  let got = '';
  client.on('data', (data) => (got += String(data)));
  client.write('0123456789');
  if (cut === 'reset') {
    await expect(once(client, 'end')).rejects.toThrow('ECONNRESET');
    expect(got).toBe('0123456');
  } else {
    await once(client, 'end');
    expect(got).toBe('0123456');
  }
  client.destroy();
});

test('a black hole takes everything, and says nothing', async () => {
  const client = await through({ blackHoleAfter: 4 });
  client.write('0123456789');
  const [first] = (await once(client, 'data')) as [Buffer];
  expect(String(first)).toBe('0123');
  let more = false;
  client.on('data', () => (more = true)).on('close', () => (more = true));
  client.write('more');
  const other = connect(proxy!.port, '127.0.0.1');
  other.write('1234');
  await once(other, 'data');
  expect(more).toBe(false);
  client.destroy();
  other.destroy();
});
