import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { LanceurError } from '@lanceur/core';
import { memoryDocument } from '@lanceur/core/testing';
import { ezged, type Ezged } from '@lanceur/protocols/ezged';
import { makeCertificate } from '../../servers/certificate.js';
import { freePorts } from '../../servers/port.js';
import { needs } from '../../support/needs.js';
import { ACCOUNT, aDouble, callsOf, failureOf, submitterFor, TOKEN } from './bench.js';

function send(submitter: Ezged) {
  return submitter.submit({ key: 'pdf', job: '87', documents: [memoryDocument('a.pdf', 'one')] });
}

/** An HTTP proxy that knows CONNECT alone. */
async function aProxy(account?: string) {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on('error', () => undefined);
    client.once('data', (data: Buffer) => {
      const head = data.toString('latin1');
      asked.push(head);
      const [, host = '', port = ''] = /^CONNECT (\S+):(\d+) HTTP\/1\.1\r\n/u.exec(head) ?? [];
      const isKnown =
        account === undefined ||
        head.includes(`Proxy-Authorization: Basic ${Buffer.from(account).toString('base64')}\r\n`);
      if (!isKnown) {
        client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
        return;
      }
      const upstream = connect({ host, port: Number(port) }, () => {
        // In two pieces, as networks do.
        client.write('HTTP/1.1 200 Connection est');
        setImmediate(() => {
          client.write('ablished\r\n\r\n');
          client.pipe(upstream).pipe(client);
        });
      });
      sockets.add(upstream);
      upstream.on('error', () => client.destroy());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await once(server.close(), 'close');
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

describe.skipIf(!needs('openssl'))('over TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lanceur-tls-'));
  const certificate = makeCertificate(folder);
  const tls = { key: readFileSync(certificate.keyFile), cert: readFileSync(certificate.certFile) };
  afterAll(() => rmSync(folder, { recursive: true }));

  test('a certificate of an authority of one’s own is verified with `ca`', async () => {
    const double = await aDouble({ tls });
    await send(submitterFor(double, { ca: certificate.ca }));
    expect(double.uploads).toHaveLength(1);
  });

  test('a certificate of an unknown authority lets nothing out', async () => {
    const double = await aDouble({ tls });
    const failure = await failureOf(send(submitterFor(double)));
    expect(failure).toMatchObject({ code: 'EZGED_UNSAFE', scope: 'target', transient: false });
    expect(double.calls).toHaveLength(0);
  });

  test('a certificate for another name lets nothing out', async () => {
    const double = await aDouble({ tls });
    const url = double.url.replace('127.0.0.1', '127.0.0.2');
    const server = createServer((client) => {
      const upstream = connect(double.port, '127.0.0.1');
      client.pipe(upstream).pipe(client);
      for (const socket of [client, upstream]) socket.on('error', () => undefined);
    });
    server.listen(double.port, '127.0.0.2');
    const isThere = await Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ]);
    if (!isThere) return; // A system without 127.0.0.2.
    onTestFinished(async () => {
      await once(server.close(), 'close');
    });
    const failure = await failureOf(send(submitterFor(double, { url, ca: certificate.ca })));
    expect(failure).toMatchObject({ code: 'EZGED_UNSAFE' });
    expect((failure as LanceurError).message).toContain('another name');
    expect(double.calls).toHaveLength(0);
  });

  test('a proxy is asked to connect, and sees nothing of what passes', async () => {
    const double = await aDouble({ tls });
    const { port, asked } = await aProxy('svc:s3cret:%');
    const proxy = `http://svc:${encodeURIComponent('s3cret:%')}@127.0.0.1:${String(port)}`;
    await send(submitterFor(double, { ca: certificate.ca, proxy }));
    expect(double.uploads).toHaveLength(1);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain(`CONNECT 127.0.0.1:${String(double.port)} HTTP/1.1`);
    expect(asked.join()).not.toContain(TOKEN);
  });
});

describe('a proxy', () => {
  test('is used for clear text as well', async () => {
    const double = await aDouble();
    const { port, asked } = await aProxy();
    await send(submitterFor(double, { proxy: `http://127.0.0.1:${String(port)}` }));
    expect(double.uploads).toHaveLength(1);
    expect(asked).toHaveLength(1);
  });

  test('that wants a password, or is not there, is said to', async () => {
    const double = await aDouble();
    const { port } = await aProxy('user:password');
    const refused = await failureOf(
      send(submitterFor(double, { proxy: `http://user:wrong@127.0.0.1:${String(port)}` })),
    );
    expect(refused).toMatchObject({ code: 'EZGED_UNREACHABLE', scope: 'target' });
    expect((refused as LanceurError).message).toContain('HTTP 407');
    expect((refused as LanceurError).message).not.toContain('wrong');
    const gone = await failureOf(
      send(submitterFor(double, { proxy: `http://127.0.0.1:${String((await freePorts(1))[0])}` })),
    );
    expect(gone).toMatchObject({ code: 'EZGED_UNREACHABLE' });
    expect(callsOf(double, 'sec/authenticate')).toBe(0);
  });
});

test('a server that accepts and never goes on is given up after `connectMs`', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await once(server.close(), 'close');
  });
  const { port } = server.address() as AddressInfo;
  const submitter = ezged({
    url: `https://127.0.0.1:${String(port)}/ezged`,
    ...ACCOUNT,
    token: TOKEN,
    jobs: { '87': 'factures' },
    timeouts: { connectMs: 20 },
  });
  const failure = await failureOf(send(submitter));
  expect(failure).toMatchObject({ code: 'EZGED_STALLED', scope: 'target', job: '87' });
});

test('nothing listening and something that is not HTTP are different words', async () => {
  const double = await aDouble();
  const [port = 0] = await freePorts(1);
  const nobody = submitterFor(double, { url: `http://127.0.0.1:${String(port)}/ezged` });
  const gone = (await failureOf(send(nobody))) as LanceurError;
  expect(gone.message).toContain('nothing listens there');
  const server = createServer((socket) => socket.resume().end('220 smtp ready\r\n')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    await once(server.close(), 'close');
  });
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
  const smtp = submitterFor(double, { url });
  expect(((await failureOf(send(smtp))) as LanceurError).message).toContain('does not speak HTTP');
});

test('a connection that EzGED has closed in the meantime is replaced, without any doubt', async () => {
  const double = await aDouble();
  const submitter = submitterFor(double);
  await send(submitter);
  await double.dropConnections();
  await send(submitter);
  expect(double.uploads).toHaveLength(2);
});

describe('the address', () => {
  const options = { ...ACCOUNT, token: TOKEN, jobs: { '87': 'factures' } };

  test.each(['http://ged.mairie.fr/ezged', 'http://192.168.1.7/ezged', 'http://127.evil.example/'])(
    '%s is refused without `allowClearText`',
    (url) => {
      expect(() => ezged({ ...options, url })).toThrow(/allowClearText: true/u);
      expect(ezged({ ...options, url, allowClearText: true }).jobs).toEqual(['87']);
    },
  );

  test.each([
    'http://localhost/',
    'http://127.0.0.1:8080/ezged',
    'http://[::1]/',
    'https://ged.mairie.fr/ezged/',
  ])('%s is fine', (url) => {
    expect(ezged({ ...options, url }).jobs).toEqual(['87']);
  });

  test.each([
    'ged.mairie.fr',
    'ftp://ged.mairie.fr',
    'https://u:pw@ged.mairie.fr',
    'https://ged.mairie.fr/?a=1',
    '',
  ])('%s is refused, and what stands in it is not repeated', (url) => {
    expect(() => ezged({ ...options, url })).toThrow(LanceurError);
    try {
      ezged({ ...options, url });
    } catch (error) {
      expect((error as LanceurError).message).not.toContain('u:pw');
    }
  });
});
