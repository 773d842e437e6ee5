import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
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
    sees: {
      where: 'thrown',
      code: 'LEDGER_GONE',
      says: 'the ledger … was deleted, moved or replaced while it was in use: … is not the file that was opened',
    },
  }),
];

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
