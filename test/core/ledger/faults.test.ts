import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Code, Ledger, Viewer } from '@lanceur/core';
import { sqliteLedger, type SqliteDatabase, type SqliteLedgerOptions } from '@lanceur/core/sqlite';
import { allOf, drivers, Libsql, rawDatabase, temporaryFolder } from './bench.js';

const viewer: Viewer = { launcher: '16', source: 'depots', fingerprint: 'f' };
const isRoot = process.getuid?.() === 0;
const available = await drivers();
const isWindows = process.platform === 'win32';
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;
const opened = new Set<Ledger>();

beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'ledger.db');
});

afterEach(async () => {
  for (const ledger of opened) await ledger.close();
  opened.clear();
  await folder.remove();
});

async function openLedger(options: Partial<SqliteLedgerOptions> = {}): Promise<Ledger> {
  const ledger = await sqliteLedger({ path, ...options });
  opened.add(ledger);
  return ledger;
}

function claim(ledger: Ledger, id: string, name = id) {
  return ledger.claim(viewer, { id, version: '1', name }, { leaseMs: 60_000 });
}

async function idsIn(ledger: Ledger): Promise<readonly string[]> {
  return (await allOf(ledger.find({}))).map((item) => item.id);
}

function says(code: Code, ...words: readonly string[]) {
  const wanted = words.map((word) => expect.stringContaining(word) as string);
  return expect.objectContaining({ code, ...(wanted[0] !== undefined && { message: wanted[0] }) }) as unknown;
}

/** libsql with a fault: what it throws when `fails` says so. */
function failing(fails: (sql: string) => Error | undefined): typeof Libsql {
  return class extends Libsql {
    override exec(sql: string): unknown {
      const error = fails(sql);
      if (error !== undefined) throw error;
      return super.exec(sql);
    }
  };
}

function sqliteError(code: string): Error {
  return Object.assign(new Error(`made up: ${code}`), { code });
}

describe('where a ledger may be', () => {
  test.each(['', ':memory:', 'a\0b'])('not nowhere, and not in memory: %j', async (nowhere) => {
    await expect(sqliteLedger({ path: nowhere })).rejects.toEqual(says('INVALID_OPTION', '`path`'));
  });

  test('not without a path', async () => {
    await expect(sqliteLedger({} as SqliteLedgerOptions)).rejects.toEqual(says('INVALID_OPTION', 'nothing'));
  });

  test('not in a folder that is not there: it may be a volume that is not mounted', async () => {
    path = join(folder.path, 'missing', 'ledger.db');
    await expect(openLedger()).rejects.toEqual(says('INVALID_OPTION', 'a file in a folder that exists'));
  });

  test('not at a URL, which some drivers would call', async () => {
    await expect(sqliteLedger({ path: 'http://127.0.0.1:1/ledger' })).rejects.toEqual(says('INVALID_OPTION'));
  });

  test('not in the place of a folder', async () => {
    mkdirSync(path);
    await expect(openLedger()).rejects.toEqual(says('INVALID_OPTION', 'a file'));
  });

  test.skipIf(isWindows)('not behind a link to nothing', async () => {
    symlinkSync(join(folder.path, 'nothing'), path);
    await expect(openLedger()).rejects.toEqual(says('INVALID_OPTION', 'a link to nothing'));
  });

  test.skipIf(isWindows)('behind a link to a file: it is the same ledger', async () => {
    await claim(await openLedger(), 'a.pdf');
    const link = join(folder.path, 'link.db');
    symlinkSync(path, link);
    const ledger = await openLedger({ path: link });
    await claim(ledger, 'b.pdf');
    expect(await idsIn(ledger)).toEqual(['a.pdf', 'b.pdf']);
  });

  test('not in a database of another program, which is left as it is', async () => {
    rawDatabase(path, (db) => db.exec('CREATE TABLE theirs (a)'));
    const before = await readFile(path);
    await expect(openLedger()).rejects.toEqual(says('INVALID_OPTION', 'a database of another program'));
    expect((await readFile(path)).equals(before)).toBe(true);
  });

  test('a time to wait that is no time is refused', async () => {
    for (const busyMs of [-1, Number.NaN]) {
      await expect(openLedger({ busyMs })).rejects.toEqual(says('INVALID_OPTION', 'busyMs'));
    }
  });

  test('says which folder it uses', async () => {
    expect((await openLedger()).folders).toEqual([
      { role: 'ledger', path: expect.stringContaining('lanceur-ledger-') },
    ]);
  });
});

describe('a file that is damaged', () => {
  test('is not opened where it is no database at all, and is left as it is', async () => {
    await writeFile(path, 'x'.repeat(5000));
    await expect(openLedger()).rejects.toEqual(says('LEDGER_CORRUPT', '.recover'));
    expect(await readFile(path, 'utf8')).toBe('x'.repeat(5000));
  });

  test('is not opened where half of it is missing', async () => {
    const ledger = await openLedger();
    await Promise.all(Array.from({ length: 200 }, (_, n) => claim(ledger, `${String(n)}.pdf`)));
    await ledger.close();
    const half = join(folder.path, 'half.db');
    copyFileSync(path, half);
    truncateSync(half, 2 * 4096);
    await expect(openLedger({ path: half })).rejects.toEqual(says('LEDGER_CORRUPT'));
  });

  test('says so when it is met, and when it is looked through', async () => {
    const ledger = await openLedger();
    await Promise.all(Array.from({ length: 200 }, (_, n) => claim(ledger, `${String(n)}.pdf`)));
    await ledger.close();
    const damaged = join(folder.path, 'damaged.db');
    copyFileSync(path, damaged);
    const file = await open(damaged, 'r+');
    const { size } = await file.stat();
    for (let page = 4096; page < size; page += 4096) {
      const { buffer } = await file.read(Buffer.alloc(1), 0, 1, page);
      // Leaves of tables only: the schema stays readable.
      if (buffer[0] === 0x0d && page > 4096 * 15) await file.write(Buffer.alloc(4096, 0xff), 0, 4096, page);
    }
    await file.close();
    const broken = await openLedger({ path: damaged });
    await expect(idsIn(broken)).rejects.toEqual(says('LEDGER_CORRUPT'));
    const intact = (await broken.check?.())?.find((c) => c.name.endsWith('is intact'));
    expect(intact?.result).toBe('failed');
  });

  test('whose record somebody has edited into nonsense says so', async () => {
    const ledger = await openLedger();
    await claim(ledger, 'a.pdf');
    rawDatabase(path, (db) => db.exec(`UPDATE items SET body = '{'`));
    await expect(idsIn(ledger)).rejects.toEqual(says('LEDGER_CORRUPT'));
  });
});

describe('a file that cannot be written', () => {
  test.skipIf(isRoot || isWindows)('is refused when it is opened', async () => {
    await (await openLedger()).close();
    chmodSync(path, 0o444);
    await expect(openLedger()).rejects.toEqual(says('LEDGER_DENIED', 'service account'));
  });

  test.skipIf(isRoot || isWindows)(
    'in a folder that cannot be written, is refused when it is opened',
    async () => {
      chmodSync(folder.path, 0o555);
      await expect(openLedger()).rejects.toEqual(says('LEDGER_DENIED'));
      chmodSync(folder.path, 0o755);
    },
  );

  test('is refused when it is opened, whoever is asking', async () => {
    await (await openLedger()).close();
    const ReadOnly = class extends Libsql {
      constructor(file: string) {
        super(file);
        this.exec('PRAGMA query_only = ON');
      }
    };
    await expect(openLedger({ driver: ReadOnly })).rejects.toEqual(says('LEDGER_DENIED'));
  });

  test('is said to be so when it happens under way, and goes on when it is over', async () => {
    let denied = false;
    const driver = failing((sql) =>
      denied && sql === 'COMMIT' ? sqliteError('SQLITE_READONLY') : undefined,
    );
    const ledger = await openLedger({ driver });
    denied = true;
    await expect(claim(ledger, 'a.pdf')).rejects.toEqual(says('LEDGER_DENIED'));
    denied = false;
    await claim(ledger, 'b.pdf');
    expect(await idsIn(ledger)).toEqual(['b.pdf']);
  });
});

describe('a disk that is full', () => {
  for (const name of ['by SQLite’s own limit', 'in truth']) {
    const tmpfs = name === 'in truth';
    test(`${name}: nothing is half-written, and work goes on when there is room again`, async ({ skip }) => {
      let database: SqliteDatabase | undefined;
      const driver = class extends Libsql {
        constructor(file: string) {
          super(file);
          // eslint-disable-next-line @typescript-eslint/no-this-alias -- the test turns the database's own knob
          database = this;
        }
      };
      const ballast = join(folder.path, 'volume', 'ballast');
      if (tmpfs) {
        mkdirSync(join(folder.path, 'volume'));
        if (!mounted(join(folder.path, 'volume'))) {
          process.stderr.write(
            '\n!! SKIPPED: no file system can be mounted here (root on Linux can): a full disk.\n',
          );
          skip();
        }
        path = join(folder.path, 'volume', 'ledger.db');
      }
      try {
        const ledger = await openLedger(tmpfs ? {} : { driver });
        if (tmpfs) writeFileSync(ballast, Buffer.alloc(1536 * 1024));
        else database?.exec('PRAGMA max_page_count = 40');

        const kept: string[] = [];
        const full = await (async () => {
          for (let n = 0; n < 2000; n++) {
            const id = `${String(n)}.pdf`;
            await claim(ledger, id, 'x'.repeat(4000));
            kept.push(id);
          }
        })().catch((error: unknown) => error);
        expect(full).toEqual(says('LEDGER_FULL'));
        expect(kept.length).toBeGreaterThan(3);
        expect(await idsIn(ledger)).toEqual(kept);

        if (tmpfs) rmSync(ballast);
        else database?.exec('PRAGMA max_page_count = 100000');
        await claim(ledger, 'after.pdf', 'x'.repeat(4000));
        expect(await idsIn(ledger)).toEqual([...kept, 'after.pdf']);
        const checks = await ledger.check?.();
        expect(checks?.find((c) => c.name.endsWith('is intact'))?.result).toBe('ok');
        if (tmpfs) expect(checks?.find((c) => c.name.includes('room'))?.result).toBe('warning');
        await ledger.close();
      } finally {
        if (tmpfs) spawnSync('umount', ['-l', join(folder.path, 'volume')]);
      }
    });
  }

  function mounted(at: string): boolean {
    if (process.platform !== 'linux' || !isRoot) return false;
    return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', at]).status === 0;
  }
});

describe.skipIf(isWindows)('a file that vanishes under way', () => {
  const vanish: Readonly<Record<string, () => void>> = {
    'is deleted': () => {
      rmSync(path);
    },
    'is moved': () => {
      renameSync(path, `${path}.old`);
    },
    'is replaced by a copy': () => {
      copyFileSync(path, `${path}.copy`);
      renameSync(`${path}.copy`, path);
    },
    'loses its -wal': () => {
      rmSync(`${path}-wal`);
    },
    'loses its -shm': () => {
      rmSync(`${path}-shm`);
    },
    'loses its folder': () => {
      renameSync(folder.path, `${folder.path}.old`);
    },
  };

  for (const [what, happens] of Object.entries(vanish)) {
    test(`and ${what} is an error, never a fresh ledger`, async () => {
      const ledger = await openLedger();
      await claim(ledger, 'a.pdf');
      happens();
      const is_gone = says('LEDGER_GONE', 'put the file back');
      await expect(claim(ledger, 'b.pdf')).rejects.toEqual(is_gone);
      await expect(idsIn(ledger)).rejects.toEqual(is_gone);
      await expect(ledger.classify(viewer, [{ id: 'a.pdf', version: '1', name: 'a.pdf' }])).rejects.toEqual(
        is_gone,
      );
      rmSync(`${folder.path}.old`, { recursive: true, force: true });
    });
  }

  test('between the last look and the commit: the call does not resolve', async () => {
    let armed = false;
    const driver = failing((sql) => {
      if (armed && sql === 'COMMIT') rmSync(path);
      return undefined;
    });
    const ledger = await openLedger({ driver });
    armed = true;
    await expect(claim(ledger, 'a.pdf')).rejects.toEqual(says('LEDGER_GONE'));
  });

  test('and is put back goes on', async () => {
    const ledger = await openLedger();
    await claim(ledger, 'a.pdf');
    renameSync(path, `${path}.old`);
    await expect(claim(ledger, 'b.pdf')).rejects.toEqual(says('LEDGER_GONE'));
    renameSync(`${path}.old`, path);
    await claim(ledger, 'b.pdf');
    expect(await idsIn(ledger)).toEqual(['a.pdf', 'b.pdf']);
  });
});

describe('a file that another program has locked', () => {
  test('is waited for, then said to be busy, and used when it is free', async () => {
    const ledger = await openLedger({ busyMs: 60 });
    const other = new Libsql(path);
    other.exec('BEGIN IMMEDIATE');
    const calls = await Promise.allSettled([
      claim(ledger, 'a.pdf'),
      ledger.bind(viewer, 'here'),
      claim(ledger, 'b.pdf'),
    ]);
    expect(await idsIn(ledger)).toEqual([]);
    other.exec('ROLLBACK');
    other.close();
    for (const call of calls)
      expect(call).toEqual({ status: 'rejected', reason: says('LEDGER_BUSY', 'backup') });
    await claim(ledger, 'c.pdf');
    expect(await idsIn(ledger)).toEqual(['c.pdf']);
  });

  test('is used as soon as it is free', async () => {
    let refusals = 0;
    const driver = failing((sql) => {
      if (sql !== 'BEGIN IMMEDIATE' || refusals >= 3) return undefined;
      refusals++;
      return sqliteError('SQLITE_BUSY');
    });
    await claim(await openLedger({ driver }), 'a.pdf');
    expect(refusals).toBe(3);
  });
});

describe('a failing commit', () => {
  test('fails all its callers, keeps nothing of them, and no later one', async () => {
    let broken = false;
    const driver = failing((sql) =>
      broken && sql === 'COMMIT' ? sqliteError('SQLITE_IOERR_WRITE') : undefined,
    );
    const ledger = await openLedger({ driver });
    broken = true;
    const calls = await Promise.allSettled(['a.pdf', 'b.pdf', 'c.pdf'].map((id) => claim(ledger, id)));
    for (const call of calls) expect(call).toEqual({ status: 'rejected', reason: says('LEDGER_FAILED') });
    broken = false;
    await claim(ledger, 'd.pdf');
    expect(await idsIn(ledger)).toEqual(['d.pdf']);
  });

  test('is not needed for a caller who hands in what is no JSON: the others go on', async () => {
    const ledger = await openLedger();
    const item = await claim(ledger, 'a.pdf');
    if (!('fence' in item)) throw new Error('not claimed');
    const unwanted = [1n] as unknown as string[];
    const [bad, good] = await Promise.allSettled([
      ledger.write(item, [{ type: 'planned', groups: [], unwanted }], 1000),
      claim(ledger, 'b.pdf'),
    ]);
    expect(bad).toEqual({ status: 'rejected', reason: says('INTERNAL', 'BigInt') });
    expect(good.status).toBe('fulfilled');
    expect((await allOf(ledger.find({ id: 'a.pdf' })))[0]?.submissions).toBeUndefined();
  });
});

describe('a driver', () => {
  test('that cannot be opened says so', async () => {
    const driver = function driver() {
      throw new Error('no binary for this machine');
    } as unknown as typeof Libsql;
    await expect(openLedger({ driver })).rejects.toEqual(says('LEDGER_FAILED', 'no binary for this machine'));
  });

  test('that cannot write ahead is refused: other processes could damage the file', async () => {
    const driver = class extends Libsql {
      override prepare(sql: string) {
        return super.prepare(sql.replace('journal_mode = WAL', 'journal_mode = DELETE'));
      }
    };
    await expect(openLedger({ driver })).rejects.toEqual(says('LEDGER_UNSAFE', 'WAL'));
  });

  for (const [name, driver = Libsql] of available) {
    test(`${name}: a database that is passed in open is used, and left open`, async () => {
      const database = new driver(path);
      const ledger = await openLedger({ driver: database });
      await claim(ledger, 'a.pdf');
      await ledger.close();
      expect(database.prepare('SELECT id FROM items').all()).toMatchObject([{ id: 'a.pdf' }]);
      database.close();
    });

    test(`${name}: a disk that is full, and a file that is locked, are told apart`, async () => {
      const database = new driver(path);
      const ledger = await openLedger({ driver: database, busyMs: 0 });
      // By the same library: two of them in one process drop each other's POSIX locks.
      const other = new driver(path);
      other.exec('BEGIN IMMEDIATE');
      await expect(claim(ledger, 'a.pdf')).rejects.toEqual(says('LEDGER_BUSY'));
      other.exec('ROLLBACK');
      other.close();
      database.exec('PRAGMA max_page_count = 40');
      const calls = Array.from({ length: 100 }, (_, n) => claim(ledger, String(n), 'x'.repeat(4000)));
      for (const call of await Promise.allSettled(calls)) {
        expect(call).toEqual({ status: 'rejected', reason: says('LEDGER_FULL') });
      }
      await ledger.close();
      database.close();
    });
  }

  test('leaves nothing in the -wal when the ledger is closed', async () => {
    const ledger = await openLedger();
    await claim(ledger, 'a.pdf');
    await ledger.close();
    const copy = join(folder.path, 'copy.db');
    copyFileSync(path, copy);
    expect(await idsIn(await openLedger({ path: copy }))).toEqual(['a.pdf']);
  });
});

test('a sound ledger passes every check', async () => {
  const ledger = await openLedger();
  await claim(ledger, 'a.pdf');
  const checks = (await ledger.check?.()) ?? [];
  expect(checks).toHaveLength(5);
  // How much room the machine that runs this has is not the ledger's doing.
  for (const { name, result } of checks) expect(result, name).not.toBe('failed');
  expect(checks.find((c) => c.name.includes('power cut'))?.result).toBe('ok');
});

test('a ledger that would not survive a power cut says so', async () => {
  const driver = class extends Libsql {
    override exec(sql: string): unknown {
      return super.exec(sql.replace('synchronous = FULL', 'synchronous = NORMAL'));
    }
  };
  const checks = (await (await openLedger({ driver })).check?.()) ?? [];
  const durable = checks.find((c) => c.name.includes('power cut'));
  expect(durable).toMatchObject({
    result: 'failed',
    message: expect.stringContaining('synchronous 1') as unknown,
  });
});
