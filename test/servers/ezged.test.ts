import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { virtualClock } from '@lanceur/core/testing';
import { MultipartReader } from './ezged/multipart.js';
import { documentsIn, startEzged, type EzgedDouble, type EzgedOptions } from './ezged.js';

const MD5 = createHash('md5').update('secret').digest('hex');

async function aDouble(options: Partial<EzgedOptions> = {}): Promise<EzgedDouble> {
  const dir = mkdtempSync(join(tmpdir(), 'lanceur-double-'));
  const double = await startEzged({
    dir,
    accounts: [{ user: 'u', password: 'secret' }],
    token: 't',
    waitDirs: ['factures'],
    ...options,
  });
  onTestFinished(async () => {
    await double.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  return double;
}

interface Told {
  readonly errorcode: unknown;
  readonly success?: boolean;
  readonly rows: Readonly<Record<string, string>>;
}

/** A client as simple as the public one in PHP: GET, everything in the query, whole Set-Cookie lines sent back. */
class Simple {
  readonly #url: string;
  #cookies: readonly string[] = [];
  sessionid = '';

  constructor(double: { readonly url: string }) {
    this.#url = `${double.url}/data/`;
  }

  async call(service: string, params: Readonly<Record<string, string>> = {}): Promise<Told> {
    const query = new URLSearchParams({ service, format: 'json', sessionid: this.sessionid, ...params });
    const response = await fetch(`${this.#url}service.php?${query.toString()}`, {
      headers: { cookie: this.#cookies.join(',') },
    });
    const set = response.headers.getSetCookie();
    if (set.length > 0) this.#cookies = set;
    return (await response.json()) as Told;
  }

  async logIn(pwd = MD5): Promise<Told> {
    const told = await this.call('sec/authenticate', { login: 'u', pwd });
    this.sessionid = told.rows['sessionid'] ?? '';
    return told;
  }

  /** Chunked, as PHP's client does. */
  async upload(params: Readonly<Record<string, string>>, content: string): Promise<Told> {
    const query = new URLSearchParams({
      sessionid: this.sessionid,
      token: 't',
      mode: 'cold',
      waitdir: 'factures',
      ...params,
    });
    const sending = request(`${this.#url}pupload.php?${query.toString()}`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=xyz', cookie: this.#cookies.join(',') },
    });
    sending.write(
      '--xyz\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; name="file"; filename="f.txt"\r\n\r\n',
    );
    sending.write(content);
    sending.end('\r\n--xyz--\r\n');
    const [response] = (await once(sending, 'response')) as [AsyncIterable<Buffer>];
    let text = '';
    for await (const chunk of response) text += chunk.toString();
    return JSON.parse(text) as Told;
  }
}

describe('the double of EzGED', () => {
  test('serves a simple client from its login to its logout', async () => {
    const double = await aDouble();
    const client = new Simple(double);
    expect(await client.logIn()).toMatchObject({ errorcode: 0 });
    expect(await client.call('secses/keepalive')).toMatchObject({ errorcode: 0 });
    expect(await client.call('jobqueue/load', { jobqueueid: '0' })).toMatchObject({ errorcode: 0, rows: [] });
    expect(await client.upload({ name: 'été.pdf' }, 'one')).toMatchObject({ success: true });
    expect(documentsIn(double.waiting('factures'))).toEqual([{ name: 'été.pdf', bytes: Buffer.from('one') }]);
    expect(double.uploads).toMatchObject([{ contentLength: false }]);
    expect(await client.call('secses/delete', { sessionid: '', secsesid: client.sessionid })).toMatchObject({
      errorcode: 0,
    });
    expect(double.sessions.alive).toBe(0);
    expect(await client.call('secses/keepalive')).toMatchObject({ errorcode: 401 });
    expect(await client.call('secses/delete', { secsesid: client.sessionid })).toMatchObject({
      errorcode: 0,
    });
  });

  test('lets a session die after a minute without calls, and gives so many at once', async () => {
    const clock = virtualClock();
    const double = await aDouble({ clock, licences: 1, numbersAsText: true });
    const client = new Simple(double);
    await client.logIn();
    expect(await new Simple(double).logIn()).toMatchObject({ errorcode: '-18' });
    await clock.advance(60_000);
    expect(await client.call('secses/keepalive')).toMatchObject({ errorcode: '0' });
    await clock.advance(60_001);
    expect(await client.call('secses/keepalive')).toMatchObject({ errorcode: '401' });
    expect(await new Simple(double).logIn()).toMatchObject({ errorcode: '0' });
  });

  test('takes no other password, md5 in capitals, cookie, token or directory', async () => {
    const double = await aDouble();
    expect(await new Simple(double).logIn('secret')).toMatchObject({ errorcode: -1 });
    expect(await new Simple(double).logIn(MD5.toUpperCase())).toMatchObject({ errorcode: -1 });
    const client = new Simple(double);
    await client.logIn();
    const thief = new Simple(double);
    thief.sessionid = client.sessionid;
    expect(await thief.call('secses/keepalive')).toMatchObject({ errorcode: 401 });
    for (const params of [
      { token: 'x' },
      { token: '' },
      { waitdir: 'other' },
      { waitdir: '../wait/factures' },
      { waitdir: '' },
      { name: '..' },
    ])
      expect(await client.upload({ name: 'a.pdf', ...params }, 'x')).toMatchObject({ success: false });
    expect(await client.upload({ name: '../../../../up.pdf' }, 'x')).toMatchObject({ success: true });
    expect(readdirSync(double.waiting('factures'))).toEqual(['up.pdf']);
  });

  test('changes the state of a job over time, and gives stored files back', async () => {
    const clock = virtualClock();
    const double = await aDouble({ clock });
    double.addJob(7, [
      [0, 0],
      [30_000, 2],
      [40_000, undefined],
    ]);
    const client = new Simple(double);
    await client.logIn();
    const states = [];
    for (let n = 0; n < 3; n++) {
      const { rows } = await client.call('jobqueue/load', { jobqueueid: '7' });
      states.push((rows as unknown as readonly { JOBQUEUE_STATUS: number }[])[0]?.JOBQUEUE_STATUS);
      await clock.advance(30_000);
    }
    expect(states).toEqual([0, 2, undefined]);
    const stored = double.store('a.pdf', Buffer.from('stored'));
    const shown = await fetch(`${double.url}/data/showdocs.php?${new URLSearchParams(stored).toString()}`);
    expect(shown.headers.get('content-type')).toBe('application/force-download');
    expect(await shown.text()).toBe('stored');
  });

  test('runs as a process, with faults by name', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'lanceur-double-'));
    const script = fileURLToPath(new URL('ezged-double.mjs', import.meta.url));
    const args = [
      '--dir',
      dir,
      '--user',
      'u',
      '--password',
      'secret',
      '--token',
      't',
      '--fault',
      'secses/keepalive=full@2',
    ];
    const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(async () => {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      rmSync(dir, { recursive: true, force: true });
    });
    const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
    const client = new Simple({ url });
    await client.logIn();
    expect(await client.call('secses/keepalive')).toMatchObject({ errorcode: 0 });
    expect(await client.call('secses/keepalive')).toMatchObject({
      errorcode: -18,
    });
    expect(await client.upload({ name: 'a.pdf' }, 'one')).toMatchObject({ success: true });
  }, 120_000);
});

describe('its reader of multipart bodies', () => {
  const content = 'a\r\n--xy\r\n--xyzz\r\nb\r\n--xy';
  const body = Buffer.from(
    `preamble\r\n--xyz\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n--xyz\r\n` +
      `Content-Disposition: form-data; name="file"; filename="a%22b.pdf"\r\n\r\n${content.replace('xyzz', 'xzz')}\r\n--xyz--\r\n`,
  );

  function read(pieces: readonly Buffer[]): {
    readonly text: string;
    readonly name: string | undefined;
    readonly ended: string;
  } {
    let text = '';
    let name: string | undefined;
    const reader = new MultipartReader('xyz', {
      begin: (filename) => void (name = filename),
      write: (bytes) => void (text += Buffer.from(bytes).toString()),
    });
    for (const piece of pieces) reader.write(piece);
    return { text, name, ended: reader.end() };
  }

  test('finds the same file in whatever pieces it comes', () => {
    for (let size = 1; size <= body.length; size++) {
      const pieces = Array.from({ length: Math.ceil(body.length / size) }, (_, i) =>
        body.subarray(i * size, (i + 1) * size),
      );
      expect(read(pieces), `in pieces of ${String(size)}`).toEqual({
        text: content.replace('xyzz', 'xzz'),
        name: 'a"b.pdf',
        ended: 'whole',
      });
    }
  });

  test('does not take a body for whole that lacks its end', () => {
    expect(read([body.subarray(0, -4)]).ended).toBe('cut short');
    expect(read([body.subarray(0, 60)]).ended).toBe('no file');
  });
});
