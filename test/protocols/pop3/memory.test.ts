import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pop3 } from '@lanceur/protocols/pop3';
import { expect, onTestFinished, test } from 'vitest';

const SIZE = 200 * 1024 * 1024;
const LINE = `${Buffer.alloc(57, 'lanceur').toString('base64')}\r\n`;
const LINES = Math.ceil(SIZE / 57);

/** Sends one mail with an attachment of 200 MB, no faster than it is taken. */
async function sendBig(socket: Socket): Promise<void> {
  const block = LINE.repeat(1000);
  socket.write(
    '+OK\r\nSubject: big\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n' +
      'Content-Type: application/pdf; name=big.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n',
  );
  for (let sent = 0; sent < LINES; sent += 1000) {
    const part = sent + 1000 <= LINES ? block : LINE.repeat(LINES - sent);
    if (!socket.write(part)) await once(socket, 'drain');
  }
  socket.write('--b--\r\n.\r\n');
}

test('an attachment of 200 MB takes no more memory than a small one', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'lanceur-pop3-big-'));
  const server = createServer((socket) => {
    socket.write('+OK\r\n');
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split('\r\n').slice(0, -1)) {
        if (line === 'UIDL') socket.write('+OK\r\n1 u1\r\n.\r\n');
        else if (line === 'LIST') socket.write('+OK\r\n1 300000000\r\n.\r\n');
        else if (line === 'CAPA') socket.write('-ERR\r\n');
        else if (line.startsWith('RETR')) void sendBig(socket);
        else socket.write('+OK\r\n');
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
  const { port } = server.address() as AddressInfo;
  const listener = pop3({
    ...{ host: '127.0.0.1', port, tls: 'none', user: 'jean', password: 'secret' },
    spool: path.join(folder, 'spool'),
  });
  const session = await listener.connect();
  const before = process.memoryUsage().rss;
  let most = 0;
  const sampling = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss - before);
  }, 20);
  const delivery = await session.open({ id: 'u1', version: '', name: 'big' });
  const [document] = delivery.documents;
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of document?.open() ?? []) {
    size += (chunk as Buffer).length;
    hash.update(chunk as Buffer);
  }
  clearInterval(sampling);
  await delivery[Symbol.asyncDispose]();
  await session.close();
  expect(size).toBe(LINES * 57);
  const expected = createHash('sha256');
  for (let i = 0; i < LINES; i++) expected.update(Buffer.alloc(57, 'lanceur'));
  expect(hash.digest('hex')).toBe(expected.digest('hex'));
  expect(most).toBeLessThan(150 * 1024 * 1024);
}, 180_000);
