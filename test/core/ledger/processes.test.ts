import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ItemRecord } from '@lanceur/core';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { allOf, rawDatabase, temporaryFolder } from './bench.js';

const worker = fileURLToPath(new URL('worker.mjs', import.meta.url));
const running = new Set<ChildProcess>();
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'ledger.db');
});

afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
  await folder.remove();
});

/** A process on the ledger's file; `next` is the next line that it says. */
function start(...args: readonly string[]) {
  const child = spawn(process.execPath, [worker, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  running.add(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const line = await lines.next();
    if (line.done === true) throw new Error('the process ended without a word');
    return JSON.parse(line.value);
  };
  return { child, next, go: () => child.stdin.write('go\n') };
}

test(
  'four processes that take the same items take each of them once',
  { timeout: 60_000 },
  async ({ annotate }) => {
    const count = 400;
    await (await sqliteLedger({ path })).close();
    const workers = [0, 1, 2, 3].map((n) => start('hammer', path, String(count), String(n * 5), '16'));
    for (const w of workers) expect(await w.next()).toBe('ready');
    for (const w of workers) w.go();
    const results = (await Promise.all(workers.map((w) => w.next()))) as {
      mine: number[];
      blockedMs: number;
    }[];
    const taken = results.flatMap((r) => r.mine).sort((a, b) => a - b);
    expect(taken).toEqual(Array.from({ length: count }, (_, n) => n));
    const blocked = results.map((r) => r.blockedMs.toFixed(0)).join(', ');
    await annotate(`the event loops were held for at most ${blocked} ms`);

    const ledger = await sqliteLedger({ path });
    const items = await allOf(ledger.find({ state: 'settled' }));
    expect(items).toHaveLength(count);
    expect(new Set(items.map((i) => i.fence))).toEqual(new Set([1]));
    await ledger.close();
  },
);

test('a process killed in the middle of a transaction leaves all that it had committed, and nothing more', async () => {
  const { child, next } = start('freeze', path);
  expect(await next()).toBe('in transaction');
  child.kill('SIGKILL');
  await once(child, 'exit');

  const ledger = await sqliteLedger({ path });
  const items: readonly ItemRecord[] = await allOf(ledger.find({}));
  expect(items.map((i) => i.id)).toEqual(Array.from({ length: 10 }, (_, n) => `${String(n)}.pdf`));
  const viewer = { launcher: '16', source: 'depots', fingerprint: 'f' };
  const claim = await ledger.claim(
    viewer,
    { id: '100.pdf', version: '1', name: '100.pdf' },
    { leaseMs: 1000 },
  );
  expect(claim).toHaveProperty('fence', 1);
  await ledger.close();
  expect(rawDatabase(path, (db) => db.prepare('PRAGMA quick_check').all())).toEqual([{ quick_check: 'ok' }]);
});
