import { spawnSync } from 'node:child_process';
import { chmod, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fault } from '../fault.js';
import { isPosix } from '../needs.js';
import { canMount } from '../volume.js';

const CANNOT_LEAVE = '… has been dealt with, but cannot be taken out of its source: ';

export const ARCHIVE_FAULTS: readonly Fault[] = [
  {
    place: 'archive',
    fault: 'is on a disk that is full',
    needs: [canMount],
    chain: { archive: true, volumes: { archive: 'memory' } },
    begin: (chain) => {
      spawnSync('sh', ['-c', `cat /dev/zero > '${join(chain.base, 'archive', 'ballast')}'`]);
    },
    end: (chain) => rm(join(chain.base, 'archive', 'ballast')),
    sees: { where: 'not settled', code: 'NOT_SETTLED', says: `${CANNOT_LEAVE}the volume is full (ENOSPC)` },
    meanwhile: 'settle late',
  },
  {
    place: 'archive',
    fault: 'is mounted read-only',
    needs: [canMount],
    chain: { archive: true, volumes: { archive: 'memory' } },
    begin: (chain) => {
      chain.volume('archive').readOnly(true);
    },
    end: (chain) => {
      chain.volume('archive').readOnly(false);
    },
    sees: {
      where: 'not settled',
      code: 'NOT_SETTLED',
      says: `${CANNOT_LEAVE}the volume is read-only (EROFS)`,
    },
    meanwhile: 'settle late',
  },
  {
    place: 'archive',
    fault: 'may not be written by the service account',
    needs: [isPosix],
    chain: { archive: true, asUser: true },
    begin: (chain) => chmod(chain.archive, 0o555),
    end: (chain) => chmod(chain.archive, 0o755),
    sees: { where: 'not settled', code: 'NOT_SETTLED', says: `${CANNOT_LEAVE}access is denied (EACCES)` },
    meanwhile: 'settle late',
  },
  {
    place: 'archive',
    fault: 'is not there',
    chain: { archive: true },
    begin: (chain) => rename(chain.archive, `${chain.archive}-away`),
    end: async (chain) => {
      for (const name of await readdir(`${chain.archive}-away`))
        await rename(join(`${chain.archive}-away`, name), join(chain.archive, name));
    },
    meanwhile: 'go on',
    note: 'it is made anew',
  },
];
