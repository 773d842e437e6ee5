import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, copyFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { needs } from '../../../support/needs.js';
import type { Chain } from '../chain.js';
import type { Fault } from '../fault.js';
import { isPosix } from '../needs.js';
import { canMount } from '../volume.js';

const PLACED = 'when a document has just been placed';

export const LEDGER_FAULTS: readonly Fault[] = [
  ...atBoth({
    fault: 'is locked by another program',
    needs: [() => needs('sqlite3')],
    begin: lock,
    end: unlock,
    sees: {
      where: 'thrown',
      code: 'LEDGER_BUSY',
      says: 'the ledger … has been locked by another program for … s',
    },
  }),
  ...atBoth({
    fault: 'is on a disk that is full',
    needs: [canMount],
    chain: { volumes: { ledger: 'memory' } },
    begin: (chain) => {
      spawnSync('sh', ['-c', `cat /dev/zero > '${join(chain.base, 'ledger', 'ballast')}'`]);
    },
    end: (chain) => rm(join(chain.base, 'ledger', 'ballast')),
    sees: { where: 'thrown', code: 'LEDGER_FULL', says: 'the ledger … cannot grow: its disk is full' },
  }),
  ...atBoth({
    fault: 'is deleted, or moved away',
    needs: [isPosix],
    begin: (chain) => rename(chain.ledgerPath, `${chain.ledgerPath}-away`),
    end: (chain) => rename(`${chain.ledgerPath}-away`, chain.ledgerPath),
    sees: { where: 'thrown', code: 'LEDGER_GONE', says: gone('ledger.db') },
  }),
  ...atBoth({
    fault: 'has been replaced by a copy of itself',
    needs: [isPosix],
    begin: async (chain) => {
      await rename(chain.ledgerPath, `${chain.ledgerPath}-away`);
      await copyFile(`${chain.ledgerPath}-away`, chain.ledgerPath);
    },
    end: (chain) => rename(`${chain.ledgerPath}-away`, chain.ledgerPath),
    sees: { where: 'thrown', code: 'LEDGER_GONE', says: gone('ledger.db') },
  }),
  ...atBoth({
    fault: 'has lost its -wal',
    needs: [isPosix],
    begin: (chain) => rename(`${chain.ledgerPath}-wal`, `${chain.ledgerPath}-away`),
    end: (chain) => rename(`${chain.ledgerPath}-away`, `${chain.ledgerPath}-wal`),
    sees: { where: 'thrown', code: 'LEDGER_GONE', says: gone('ledger.db-wal') },
  }),
  {
    place: 'ledger',
    fault: 'may not be written by the service account',
    needs: [isPosix],
    chain: { asUser: true },
    begin: async (chain) => {
      await chain.stopAndLetGo();
      await chmod(chain.ledgerPath, 0o444);
    },
    end: async (chain) => {
      for (const file of ['', '-wal', '-shm']) {
        const path = chain.ledgerPath + file;
        if (existsSync(path)) await chmod(path, 0o644);
      }
      await chain.start();
    },
    sees: { where: 'not started', code: 'LEDGER_DENIED', says: 'the ledger … cannot be written: …' },
    meanwhile: 'wait',
  },
  {
    place: 'ledger',
    fault: 'is in a folder that may not be written by the service account',
    needs: [isPosix],
    chain: { asUser: true },
    begin: async (chain) => {
      // Whoever finds a -wal there need not make one.
      await chain.stopAndLetGo();
      await chmod(dirname(chain.ledgerPath), 0o555);
    },
    end: async (chain) => {
      await chmod(dirname(chain.ledgerPath), 0o755);
      await chain.start();
    },
    sees: { where: 'not started', code: 'LEDGER_DENIED', says: 'the ledger … cannot be written: …' },
    meanwhile: 'wait',
  },
  damaged('has been overwritten with garbage', async (path) => {
    await writeFile(path, 'x'.repeat(40_000));
  }),
  damaged('has been cut in half', async (path) => {
    await truncate(path, 8192);
  }),
];

function gone(file: string): string {
  return `the ledger … was deleted, moved or replaced while it was in use: ${file} is not the file that was opened`;
}

/** While the launcher is stopped; mended from a backup. */
function damaged(fault: string, damage: (path: string) => Promise<void>): Fault {
  return {
    place: 'ledger',
    fault,
    begin: async (chain) => {
      await chain.stop();
      await copyFile(chain.ledgerPath, `${chain.ledgerPath}-backup`);
      await damage(chain.ledgerPath);
    },
    end: async (chain) => {
      await copyFile(`${chain.ledgerPath}-backup`, chain.ledgerPath);
      await chain.start();
    },
    sees: { where: 'not started', code: 'LEDGER_CORRUPT', says: 'the ledger … is damaged: …' },
    meanwhile: 'wait',
    note: 'restored from a backup',
  };
}

type Kind = Pick<Fault, 'fault' | 'begin' | 'end' | 'sees' | 'needs' | 'chain'>;

/** The same fault at the two moments that matter. */
function atBoth(kind: Kind): readonly Fault[] {
  return [
    { ...kind, place: 'ledger', meanwhile: 'wait' },
    { ...kind, place: 'ledger', when: PLACED, meanwhile: 'placed' },
  ];
}

const locks = new WeakMap<Chain, ChildProcess>();

async function lock(chain: Chain): Promise<void> {
  const program = spawn('sqlite3', [chain.ledgerPath], { stdio: ['pipe', 'pipe', 'inherit'] });
  locks.set(chain, program);
  program.stdin.write("BEGIN IMMEDIATE;\nSELECT 'locked';\n");
  await once(program.stdout, 'data');
}

async function unlock(chain: Chain): Promise<void> {
  const program = locks.get(chain);
  const ended = program && once(program, 'exit');
  program?.stdin?.end('ROLLBACK;\n');
  await ended;
}
