// The examples of the documentation, run as their readers would run them.
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { byExtension, Launcher, memoryLedger, toJob, whatToDo } from '@lanceur/core';
import { listenerSuite, memoryCold } from '@lanceur/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { documentsIn, startEzged } from '../servers/ezged.js';
import { outbox, type Row } from '../../docs/examples/dist/own-listener.js';

const run = promisify(execFile);
const examples = fileURLToPath(new URL('../../docs/examples/dist/', import.meta.url));

let base = '';
let source = '';
let target = '';

async function example(name: string, ...args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await run(process.execPath, [join(examples, `${name}.js`), ...args], { cwd: base });
  return stdout.split('\n').filter((line) => line !== '');
}

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'lanceur-examples-'));
  source = join(base, 'depots');
  target = join(base, 'wait', 'factures');
  await mkdir(source, { recursive: true });
  await mkdir(target, { recursive: true });
});

afterEach(async () => {
  await rm(base, { recursive: true, force: true, maxRetries: 5 });
});

describe('the example', () => {
  test('of ten lines leaves a file until it has been quiet, and says so', async () => {
    await writeFile(join(source, 'a.pdf'), 'A');
    // However long the example takes to start, it has not been quiet yet.
    const later = new Date(Date.now() + 3_600_000);
    await utimes(join(source, 'a.pdf'), later, later);
    const lines = await example('ten-lines', source, target, join(base, 'ledger.db'));
    expect(lines[0]).toMatch(/^a\.pdf: changed \d+ s ago; it is taken once it has been left alone for 5 s$/);
    expect(lines[1]).toBe('0 accepted, 0 rejected, 0 not settled');
  });

  test('of a listener alone reads and settles in a loop of the host’s own', async () => {
    await writeFile(join(source, 'a.txt'), 'four');
    expect(await example('listener-alone', source)).toEqual(['a.txt 4']);
    expect((await readdir(source)).filter((name) => !name.startsWith('.'))).toEqual([]);
  });

  test('of an EzGED elsewhere uploads, and gives its session back', async () => {
    const double = await startEzged({
      dir: join(base, 'ezged'),
      accounts: [{ user: 'lanceur', password: 'secret' }],
      token: 'jeton',
      waitDirs: ['factures'],
    });
    try {
      await writeFile(join(source, 'a.pdf'), 'A');
      const { stdout } = await run(
        process.execPath,
        [join(examples, 'remote-ezged.js'), source, double.url, join(base, 'ledger.db')],
        { env: { ...process.env, EZGED_PASSWORD: 'secret', EZGED_TOKEN: 'jeton' } },
      );
      expect(stdout.trim()).toBe('1 accepted, 0 rejected, 0 not settled');
      expect(documentsIn(double.waiting('factures')).map(({ bytes }) => bytes.toString())).toEqual(['A']);
      expect(double.sessions).toEqual({ alive: 0, most: 1 });
    } finally {
      await double.stop();
    }
  });

  test('of a filter alone', async () => {
    expect(await example('filter-alone')).toEqual([
      'facture.pdf accepted',
      expect.stringMatching(/^brouillon-1\.pdf .*is not accepted/),
      'SCAN.PDF accepted',
      expect.stringMatching(/^notes\.txt .*is not accepted/),
    ]);
  });

  test('of a submitter alone places one document', async () => {
    const lines = await example('submitter-alone', target);
    expect(lines[0]).toMatch(/^facture\.pdf \d+ [0-9a-f]{64}$/);
    expect(await readFile(join(target, 'facture.pdf'), 'utf8')).toBe('%PDF-1.4 …');
  });

  test('of a queue does the work once, although the queue delivers twice', async () => {
    for (const name of ['a.pdf', 'b.pdf']) await writeFile(join(source, name), name);
    const lines = await example('own-queue', source, target, join(base, 'ledger.db'));
    expect(lines.filter((line) => line.endsWith(' accept '))).toHaveLength(2);
    expect(lines.filter((line) => line.includes('was settled on'))).toHaveLength(2);
    expect((await readdir(target)).sort()).toEqual(['a.pdf', 'b.pdf']);
  });

  test('of an envelope by itself says what it is, what it holds, and what is odd', async () => {
    await writeFile(
      join(source, 'metadata.json'),
      '{"acte_nature":"1","objet":"Plan local","arrete":["acte.pdf"],"aractes":["ar.xml"]}',
    );
    await writeFile(join(source, 'acte.pdf'), '%PDF-');
    expect(await example('decode-envelope', source)).toEqual([
      'acte_nature deposit: Plan local',
      'act acte.pdf 5',
      'metadata metadata.json 83',
      'error: metadata.json lists ar.xml (acknowledgement), which is not there',
    ]);
  });

  test('of envelopes takes invoices, and says why it leaves the rest', async () => {
    const puts = {
      '3125108': {
        'metadata.json': '{"id_facture_cpp":"3125108","facture_pj_01":["f.pdf"]}',
        'f.pdf': '%PDF-1.4 %%EOF',
      },
      acte: { 'metadata.json': '{"acte_nature":"1"}' },
      lettre: { 'a.pdf': '%PDF-1.4 %%EOF', 'metadata.json': '{}' },
    };
    for (const [folder, files] of Object.entries(puts)) {
      await mkdir(join(source, folder));
      for (const [name, content] of Object.entries(files))
        await writeFile(join(source, folder, name), content);
    }
    const lines = await example('envelopes', source, target, base);
    expect([...lines].sort()).toEqual([
      '1 accepted',
      'acte: no job takes acte_nature',
      expect.stringContaining('lettre is not an envelope: its metadata metadata.json has none of the fields'),
    ]);
  });

  // Wine ends a process on SIGTERM without a word.
  test.skipIf(process.platform === 'win32')(
    'of a service takes what comes, and stops when it is told to',
    { timeout: 60_000 },
    async () => {
      const child = spawn(process.execPath, [
        join(examples, 'service.js'),
        source,
        target,
        join(base, 'ledger.db'),
        '1',
      ]);
      let said = '';
      const taken = new Promise<void>((resolve) => {
        child.stdout.on('data', (data: Buffer) => {
          said += data.toString();
          if (said.includes('a.pdf : accept')) resolve();
        });
      });
      const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
      const old = new Date(Date.now() - 60_000);
      await writeFile(join(source, 'a.pdf'), 'A');
      await utimes(join(source, 'a.pdf'), old, old);
      await taken;
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
      expect(await readdir(target)).toEqual(['a.pdf']);
    },
  );

  test.skipIf(process.platform === 'win32')(
    'of a service goes on after what does not heal by waiting, and takes what it could not once that is mended',
    { timeout: 60_000 },
    async () => {
      // The waiting directory is a link to the source: refused at each poll, until somebody mends it.
      await rm(target, { recursive: true });
      await symlink(source, target);
      const child = spawn(process.execPath, [
        join(examples, 'service.js'),
        source,
        target,
        join(base, 'ledger.db'),
        '0.05',
      ]);
      const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
      const ended = exit.then((code) => `ended with ${String(code)}`);
      const hears = async (stream: Readable, words: string): Promise<string> =>
        await new Promise((resolve) => {
          let said = '';
          stream.on('data', (data: Buffer) => {
            said += data.toString();
            if (said.includes(words)) resolve(said);
          });
        });
      const taken = hears(child.stdout, 'a.pdf : accept');
      try {
        const said = await Promise.race([hears(child.stderr, '2 en échec : '), ended]);
        expect(said).toContain('1 en échec : ');
        expect(said).toContain(whatToDo('OVERLAP', 'fr'));
        const old = new Date(Date.now() - 60_000);
        await writeFile(join(source, 'a.pdf'), 'A');
        await utimes(join(source, 'a.pdf'), old, old);
        await rm(target);
        await mkdir(target);
        expect(await Promise.race([taken, ended])).toContain('a.pdf : accept');
        child.kill('SIGTERM');
        expect(await exit).toBe(0);
      } finally {
        child.kill('SIGKILL');
      }
    },
  );
});

describe('the demo', () => {
  test('of envelopes shows what each deposit is, where it went, and what was odd', async () => {
    const lines = (await example('demo', 'envelopes', '--at', join(base, 'demo'))).join('\n');
    for (const row of [
      /^DB_2026_012 Plan local +acte_nature +deposit +Délibération 12\.pdf \(act\)/mu,
      /^MAI-EACT--\S+ +acte_nature +Acte /mu,
      /^PESALR2_\S+ +helios +PES_Aller /mu,
      /^CPP0020036\.xml +chorus_fact +CPPFacturePivot /mu,
      /the attachment FAC-0003 is referred to, and is not in the file/u,
      /^DB_2026_012 Plan local +taken +job 85 +actes: /mu,
      /^CPP0020036\.xml +taken +job 87 +factures: CPP0020036\.xml, F-2026-0001\.pdf, F-2026-0002\.pdf/mu,
      /^coupe\.zip +left +is not a whole ZIP file yet/mu,
      /^courrier +left +holds no document that is wanted here: /mu,
    ]) {
      expect(lines).toMatch(row);
    }
  });

  test(
    'takes a morning’s documents, says why the others stay, and takes nothing twice',
    { timeout: 300_000 },
    async () => {
      const first = await example('demo', '--at', base.concat('/demo'));
      const taken = first.filter((line) => / taken {2}/.test(line));
      expect(taken).toHaveLength(process.platform === 'win32' ? 6 : 7);
      expect(first.filter((line) => line.includes(' left '))).toHaveLength(4);
      const again = await example('demo', '--at', base.concat('/demo'));
      expect(again.filter((line) => / taken {2}/.test(line))).toEqual([]);
      expect(again).toContain('Nothing was taken. What the ledger remembers:');
    },
  );
});

describe('the example of a listener of one’s own', () => {
  const suite = listenerSuite({
    create() {
      const rows: Row[] = [];
      const at = (name: string): number => rows.findIndex((row) => row.name === name);
      return Promise.resolve({
        listener: outbox(rows),
        again: () => Promise.resolve(outbox(rows)),
        put(name, bytes) {
          rows.push({ id: rows.length + 1, name, bytes });
          return Promise.resolve();
        },
        remove(name) {
          rows.splice(at(name), 1);
          return Promise.resolve();
        },
        read: (name) => Promise.resolve(rows[at(name)]?.bytes),
        dispose: () => Promise.resolve(),
      });
    },
    without: ['change', 'changeUnnoticed', 'putSeveral', 'putUnready', 'restore'],
  });
  for (const { name, run: prove } of suite) test(name, prove);

  test('serves a launcher', async () => {
    const rows: Row[] = [
      { id: 1, name: 'a.pdf', bytes: Buffer.from('A') },
      { id: 2, name: 'b.txt', bytes: Buffer.from('B') },
    ];
    const cold = memoryCold();
    const ledger = memoryLedger();
    const launcher = new Launcher({
      id: '1',
      listener: outbox(rows),
      grouper: byExtension({ pdf: '87' }),
      submitter: cold,
      ledger,
    });
    await launcher.run();
    expect(cold.arrivals.map((a) => a.name)).toEqual(['a.pdf']);
    expect(rows.map((r) => r.name)).toEqual(['b.txt']);
    const other = new Launcher({
      id: '2',
      listener: outbox(rows),
      grouper: toJob('5'),
      submitter: cold,
      ledger,
    });
    await other.run();
    expect(rows).toEqual([]);
  });
});
