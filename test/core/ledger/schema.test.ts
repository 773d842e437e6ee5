import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { reason, type Ledger, type Viewer } from '@lanceur/core';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { Connection } from '../../../packages/core/dist/ledger/sqlite/driver.js';
import { mayBeNetwork, networkProblem } from '../../../packages/core/dist/ledger/sqlite/network.js';
import { plain, unplain } from '../../../packages/core/dist/ledger/sqlite/plain.js';
import { MIGRATIONS, migrate } from '../../../packages/core/dist/ledger/sqlite/schema.js';
import { needs } from '../../support/needs.js';
import { allOf, rawDatabase, temporaryFolder } from './bench.js';

const viewer: Viewer = { launcher: '16', source: 'depots', fingerprint: 'f' };
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'ledger.db');
});

afterEach(() => folder.remove());

async function withLedger<T>(use: (ledger: Ledger) => Promise<T>): Promise<T> {
  const ledger = await sqliteLedger({ path });
  try {
    return await use(ledger);
  } finally {
    await ledger.close();
  }
}

function claim(ledger: Ledger, id: string) {
  return ledger.claim(viewer, { id, version: '1', name: id }, { leaseMs: 60_000 });
}

function pragma(name: string): unknown {
  return rawDatabase(
    path,
    (db): unknown => Object.values(db.prepare(`PRAGMA ${name}`).all()[0] as object)[0],
  );
}

describe('the schema', () => {
  test('of a new ledger is the newest, and its file says whose it is', async () => {
    await withLedger(() => Promise.resolve());
    expect(pragma('user_version')).toBe(MIGRATIONS.length);
    expect(pragma('application_id')).toBe(0x4c616e63);
  });

  test('of an empty file becomes the newest', async () => {
    rawDatabase(path, (db) => db.exec('PRAGMA user_version = 0'));
    await withLedger((ledger) => claim(ledger, 'a.pdf'));
    expect(pragma('user_version')).toBe(MIGRATIONS.length);
  });

  test('of a newer Lanceur is refused, and left as it is', async () => {
    await withLedger((ledger) => claim(ledger, 'a.pdf'));
    rawDatabase(path, (db) => db.exec(`PRAGMA user_version = ${String(MIGRATIONS.length + 1)}`));
    const newer = { code: 'LEDGER_NEWER', message: expect.stringContaining('Update Lanceur') as unknown };
    await expect(sqliteLedger({ path })).rejects.toEqual(expect.objectContaining(newer));
    expect(pragma('user_version')).toBe(MIGRATIONS.length + 1);
  });

  test('of an older Lanceur is brought forward, step by step, and keeps what is in it', async () => {
    await withLedger((ledger) => claim(ledger, 'a.pdf'));
    const steps = [
      ...MIGRATIONS,
      'ALTER TABLE items ADD COLUMN colour TEXT',
      `UPDATE items SET colour = 'blue' WHERE colour IS NULL`,
    ];
    rawDatabase(path, (db) => {
      const connection = new Connection(db, false);
      migrate(connection, path, steps);
      expect(db.prepare('SELECT id, colour FROM items').all()).toMatchObject([
        { id: 'a.pdf', colour: 'blue' },
      ]);
      migrate(connection, path, steps);
      expect(connection.number('PRAGMA user_version')).toBe(steps.length);
      expect(() => {
        migrate(connection, path);
      }).toThrow(expect.objectContaining({ code: 'LEDGER_NEWER' }) as Error);
    });
  });

  test('that cannot be brought forward stays as it was', async () => {
    await withLedger((ledger) => claim(ledger, 'a.pdf'));
    const broken = [...MIGRATIONS, 'CREATE TABLE half (a)', 'not SQL'];
    rawDatabase(path, (db) => {
      const connection = new Connection(db, false);
      connection.exec('BEGIN IMMEDIATE');
      expect(() => {
        migrate(connection, path, broken);
      }).toThrow('syntax error');
      connection.rollback();
    });
    expect(pragma('user_version')).toBe(MIGRATIONS.length);
    await withLedger(async (ledger) => {
      expect(await allOf(ledger.find({}))).toHaveLength(1);
    });
  });

  test('is laid by whoever comes first, of many that open a new ledger at once', async () => {
    const ledgers = await Promise.all([1, 2, 3, 4].map(() => sqliteLedger({ path })));
    await Promise.all(ledgers.map((ledger, n) => claim(ledger, `${String(n)}.pdf`)));
    await Promise.all(ledgers.map((ledger) => ledger.close()));
    expect(await withLedger((ledger) => allOf(ledger.find({})))).toHaveLength(4);
  });

  test('has its searches led by an index', async () => {
    await withLedger((ledger) => claim(ledger, 'a.pdf'));
    const planOf = (sql: string) =>
      rawDatabase(path, (db) => db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all())
        .map((row) => (row as { detail: string }).detail)
        .join('; ');
    const searches = [
      `SELECT 1 FROM items WHERE source = 's' AND id = 'a' AND version = '1'`,
      `SELECT 1 FROM items WHERE source = 's' AND same = 'm' AND same IS NOT NULL`,
      `SELECT 1 FROM items WHERE name = 'a'`,
      `SELECT 1 FROM items WHERE state IN ('open', 'ended') AND source = 's'`,
      `SELECT item FROM sent WHERE name = 'a'`,
      `SELECT item FROM sent WHERE sha256 = 'a' AND sha256 <> ''`,
    ];
    for (const sql of searches) expect(planOf(sql), sql).toMatch(/SEARCH/);
  });
});

describe('the view "documents"', () => {
  const refused = reason('DOCUMENT_REFUSED', { name: 'b.xml', job: '88', why: 'no' });

  async function fill(): Promise<void> {
    await withLedger(async (ledger) => {
      const item = await claim(ledger, 'a.pdf');
      if (!('fence' in item)) throw new Error('not claimed');
      const documents = [{ name: 'a.pdf', size: 3, sha256: 'aa'.repeat(32), placedAs: 'a (2).pdf' }];
      const at = Date.UTC(2026, 0, 1, 12);
      await ledger.write(
        item,
        [
          {
            type: 'planned',
            groups: [
              { id: 'S1', key: 'pdf', job: '87', documents: ['a.pdf'] },
              { id: 'S2', key: 'xml', job: '88', documents: ['b.xml'] },
            ],
            unwanted: [],
          },
          { type: 'submitted', submission: 'S1', receipt: { submissionId: 'S1', at, documents } },
          { type: 'refused', submission: 'S2', reason: refused },
          { type: 'ended', end: 'reject', reason: refused },
          { type: 'settled', how: 'removed' },
        ],
        1000,
      );
      await claim(ledger, 'new.pdf');
    });
  }

  const expected = [
    {
      source: 'depots',
      item: 'a.pdf',
      document: 'a.pdf',
      job: '87',
      state: 'submitted',
      sha256: 'aa'.repeat(32),
      placed_as: 'a (2).pdf',
    },
    {
      source: 'depots',
      item: 'a.pdf',
      document: 'b.xml',
      job: '88',
      state: 'refused',
      sha256: null,
      reason: refused.message,
    },
    {
      source: 'depots',
      item: 'new.pdf',
      document: null,
      job: null,
      state: 'open',
      sha256: null,
      reason: null,
    },
  ];

  test('has a row for each document, and one for each item that has none yet', async () => {
    await fill();
    const rows = rawDatabase(path, (db) => db.prepare('SELECT * FROM documents').all());
    expect(rows).toMatchObject(expected);
    expect(rows).toMatchObject([{ item_state: 'settled reject removed' }, {}, { item_state: 'open' }]);
    for (const row of rows) expect((row as { at: string }).at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  });

  test.skipIf(!needs('sqlite3'))(
    'is read with the sqlite3 command, in local time, while the ledger is open',
    async () => {
      await fill();
      await withLedger(async (ledger) => {
        const sql = 'SELECT source, item, document, job, state, sha256, placed_as, reason, at FROM documents';
        const env = { ...process.env, TZ: 'Europe/Paris' };
        const out = execFileSync('sqlite3', ['-readonly', '-json', path, sql], { encoding: 'utf8', env });
        expect(JSON.parse(out)).toMatchObject(expected);
        expect((JSON.parse(out) as { at: string }[])[0]?.at).toBe('2026-01-01T13:00:00');
        await claim(ledger, 'after.pdf');
      });
    },
  );

  for (const [n, recipe] of recipes().entries()) {
    test.skipIf(!needs('sqlite3'))(`serves the operator's recipe ${String(n + 1)}`, async () => {
      await fill();
      const sql = recipe.replaceAll('<sha256>', 'aa'.repeat(32)).replaceAll('<name>', 'a.pdf');
      const out = execFileSync('sqlite3', ['-readonly', '-json', path, sql], { encoding: 'utf8' });
      expect(JSON.parse(out), recipe).not.toHaveLength(0);
    });
  }
});

/** The statements of docs/ledger.md, as they stand there. */
function recipes(): readonly string[] {
  const text = readFileSync(new URL('../../../docs/ledger.md', import.meta.url), 'utf8');
  return [...text.matchAll(/```sql\n(.*?)```/gsu)].map((m) => m[1] ?? '');
}

describe('text', () => {
  test.each(['', 'a', '\u0000', '\u0001', '\u00010000', 'a\u0000\ud800b\udc00', '🧾', '\u0001\u0001'])(
    '%j comes back',
    (text) => {
      expect(unplain(plain(text))).toBe(text);
      expect(plain(text)).not.toMatch(/\u0000|\p{Cs}/u);
    },
  );

  test('that is different stays different', () => {
    const texts = ['\u0000', '\u00010000', '\u0001', '\u00010001', '\ud800', '\ud801', '\u0001d800', 'd800'];
    expect(new Set(texts.map(plain)).size).toBe(texts.length);
  });
});

describe('a place on a network', () => {
  test.each([
    ['\\\\srv\\share\\ledger.db', true],
    ['//srv/share/ledger.db', true],
    ['\\\\?\\UNC\\srv\\share\\ledger.db', true],
    ['\\\\?\\C:\\lanceur\\ledger.db', false],
    ['\\\\.\\C:\\lanceur\\ledger.db', false],
    ['D:\\lanceur\\ledger.db', false],
  ])('on Windows is a share: %s', (at, refused) => {
    expect(networkProblem(at, undefined, 'win32') !== undefined).toBe(refused);
  });

  test.each([
    ['NFS', 0x6969],
    ['CIFS', 0xff534d42],
    ['CIFS, as a signed number', 0xff534d42 | 0],
    ['SMB', 0xfe534d42],
    ['9p', 0x01021997],
  ])('on Linux is known by its file system: %s', (_name, type) => {
    expect(networkProblem('/mnt/a.db', type, 'linux')).toContain('network file system');
  });

  test.each([
    ['ext4', 0xef53],
    ['XFS', 0x58465342],
    ['Btrfs', 0x9123683e],
    ['tmpfs', 0x01021994],
    ['overlayfs', 0x794c7630],
  ])('on Linux is not a local one: %s', (_name, type) => {
    expect(networkProblem('/mnt/a.db', type, 'linux')).toBeUndefined();
    expect(mayBeNetwork(type, 'linux')).toBe(false);
  });

  test('behind FUSE cannot be told, which is said and not refused', () => {
    expect(networkProblem('/mnt/a.db', 0x65735546, 'linux')).toBeUndefined();
    expect(mayBeNetwork(0x65735546, 'linux')).toBe(true);
  });
});
