// A ledger's files, held by another program, and by libsql itself after they were closed.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Ledger, Viewer } from '@lanceur/core';
import { sqliteLedger, type SqliteLedgerOptions } from '@lanceur/core/sqlite';
import { allOf, collectStatements, Libsql, temporaryFolder } from './bench.js';

const viewer: Viewer = { launcher: '16', source: 'depots', fingerprint: 'f' };
let path: string;

beforeEach(async () => {
  const folder = await temporaryFolder();
  path = join(folder.path, 'ledger.db');
  return () => folder.remove();
});

async function openLedger(options: Partial<SqliteLedgerOptions> = {}): Promise<Ledger> {
  const ledger = await sqliteLedger({ path, ...options });
  onTestFinished(() => ledger.close());
  return ledger;
}

function claim(ledger: Ledger, id: string) {
  return ledger.claim(viewer, { id, version: '1', name: id }, { leaseMs: 60_000 });
}

async function idsIn(ledger: Ledger): Promise<readonly string[]> {
  return (await allOf(ledger.find({}))).map((item) => item.id);
}

test('a ledger that was closed is opened again at once, whoever still holds its file', async () => {
  const first = await openLedger();
  await claim(first, 'a.pdf');
  await first.close();
  const second = await openLedger();
  await claim(second, 'b.pdf');
  expect(await idsIn(second)).toEqual(['a.pdf', 'b.pdf']);
});

test('a file that cannot be opened says that another program may hold it, and opens once it is let go of', async () => {
  let held = true;
  const driver = class extends Libsql {
    constructor(file: string) {
      // What libsql says when SQLite has given up (SQLITE_CANTOPEN).
      if (held)
        throw new Error(`ConnectionFailed("Unable to open connection to local database ${file}: 14")`);
      super(file);
    }
  };
  await expect(openLedger({ driver })).rejects.toMatchObject({
    code: 'LEDGER_DENIED',
    message: expect.stringContaining('no backup or virus scanner holds them'),
  });
  held = false;
  await claim(await openLedger({ driver }), 'a.pdf');
});

describe.runIf(process.platform === 'win32')('on Windows', () => {
  /** Opens it so that nobody else can: libuv's UV_FS_O_EXLOCK, no sharing at all. */
  const exclusively = (file: string) => open(file, 0x10000000);

  test('a file that is really held is refused after a while, and loses nothing', async () => {
    const first = await openLedger();
    await claim(first, 'a.pdf');
    await first.close();
    await collectStatements();
    const handle = await exclusively(path);
    await expect(openLedger()).rejects.toMatchObject({ code: 'LEDGER_DENIED' });
    await handle.close();
    expect(await idsIn(await openLedger())).toEqual(['a.pdf']);
  });

  test.each(['-wal', '-shm'])(
    'a %s that is really held is refused as well, and opens afterwards',
    async (end) => {
      writeFileSync(path + end, '');
      const handle = await exclusively(path + end);
      await expect(openLedger({ busyMs: 100 })).rejects.toMatchObject({ code: 'LEDGER_DENIED' });
      await handle.close();
      await claim(await openLedger(), 'a.pdf');
    },
  );

  test('a ledger that is used can be neither deleted nor moved, and goes on', async () => {
    const ledger = await openLedger();
    for (const end of ['', '-wal', '-shm']) {
      expect(() => {
        rmSync(path + end);
      }).toThrow('EBUSY');
      expect(() => {
        renameSync(path + end, `${path}.old`);
      }).toThrow('EBUSY');
    }
    await claim(ledger, 'a.pdf');
    expect(await idsIn(ledger)).toEqual(['a.pdf']);
  });

  test('a ledger that was closed keeps its file locked until libsql’s statements are collected', async () => {
    const ledger = await openLedger();
    await claim(ledger, 'a.pdf');
    await ledger.close();
    await collectStatements();
    for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true });
    expect(await idsIn(await openLedger())).toEqual([]);
  });
});
