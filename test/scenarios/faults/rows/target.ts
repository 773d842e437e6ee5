import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { STALL_MS } from '../chain.js';
import type { Fault } from '../fault.js';
import { isPosix } from '../needs.js';
import { canMount, canShare } from '../volume.js';

const stalls = { waitingDirectory: { stallMs: STALL_MS } } as const;

export const TARGET_FAULTS: readonly Fault[] = [
  {
    place: 'target',
    fault: 'is on a disk that is full',
    needs: [canMount],
    chain: { volumes: { target: 'memory' } },
    begin: async (chain) => {
      await writeFile(join(chain.target, '..', 'ballast'), Buffer.alloc(500_000));
    },
    end: async (chain) => {
      await rm(join(chain.target, '..', 'ballast'));
    },
    sees: {
      where: 'left',
      code: 'TARGET_FULL',
      says: 'the volume of … (job 87) has too little room: … bytes free, … needed',
    },
    meanwhile: 'some',
  },
  {
    place: 'target',
    fault: 'has less room than `keepFree` leaves free',
    begin: (chain) => chain.reconfigure({ waitingDirectory: { keepFree: 2 ** 52 } }),
    end: (chain) => chain.reconfigure({ waitingDirectory: { keepFree: 0 } }),
    sees: {
      where: 'left',
      code: 'TARGET_FULL',
      says: 'the volume of … (job 87) has too little room: … bytes free, … needed',
    },
    meanwhile: 'wait',
  },
  {
    place: 'target',
    fault: 'is mounted read-only',
    needs: [canMount],
    chain: { volumes: { target: 'memory' } },
    begin: (chain) => {
      chain.volume('target').readOnly(true);
    },
    end: (chain) => {
      chain.volume('target').readOnly(false);
    },
    sees: {
      where: 'left',
      code: 'TARGET_DENIED',
      says: 'the waiting directory … of job 87 cannot be written: the volume is read-only (EROFS)',
    },
    meanwhile: 'wait',
  },
  {
    place: 'target',
    fault: 'may not be written by the service account',
    needs: [isPosix],
    chain: { asUser: true },
    begin: (chain) => chmod(chain.target, 0o555),
    end: (chain) => chmod(chain.target, 0o755),
    sees: {
      where: 'left',
      code: 'TARGET_DENIED',
      says: 'the waiting directory … of job 87 cannot be written: access is denied (EACCES)',
    },
    meanwhile: 'wait',
  },
  {
    place: 'target',
    fault: 'has a staging folder that may not be written',
    needs: [isPosix],
    chain: { asUser: true },
    begin: async (chain) => {
      const staging = join(chain.target, '..', '.lanceur-staging');
      await rename(staging, `${staging}-away`);
      await chmod(dirname(chain.target), 0o555);
    },
    end: (chain) => chmod(dirname(chain.target), 0o755),
    sees: {
      where: 'left',
      code: 'TARGET_DENIED',
      says: 'the waiting directory … of job 87 cannot be written: its staging directory … cannot be used (access is denied (EACCES)); set `staging` to another folder of the same volume',
    },
    meanwhile: 'wait',
  },
  {
    place: 'target',
    fault: 'is not there',
    begin: (chain) => rename(chain.target, `${chain.target}-away`),
    end: (chain) => rename(`${chain.target}-away`, chain.target),
    sees: { where: 'left', code: 'TARGET_GONE', says: 'the waiting directory … of job 87 is not there' },
    meanwhile: 'wait',
    during: async (chain) => {
      assert.ok(!(await readdir(dirname(chain.target))).includes('factures'), 'it was made anew');
    },
  },
  {
    place: 'target',
    fault: 'is on a volume that has been unmounted',
    needs: [canShare],
    chain: { volumes: { target: 'share' } },
    begin: (chain) => {
      chain.volume('target').unmount();
    },
    end: (chain) => chain.volume('target').remount(),
    sees: { where: 'left', code: 'TARGET_GONE', says: 'the waiting directory … of job 87 is not there' },
    meanwhile: 'wait',
    during: async (chain) => {
      assert.deepEqual(
        await readdir(join(chain.base, 'target')),
        [],
        'something was written below the mount point',
      );
    },
  },
  {
    place: 'target',
    fault: 'has been replaced by a file',
    begin: async (chain) => {
      await rename(chain.target, `${chain.target}-away`);
      await writeFile(chain.target, 'not a folder');
    },
    end: async (chain) => {
      await rm(chain.target);
      await rename(`${chain.target}-away`, chain.target);
    },
    sees: {
      where: 'left',
      code: 'TARGET_FAILED',
      says: 'job 87 cannot take documents now: …: it is not a folder (ENOTDIR)',
    },
    meanwhile: 'wait',
  },
  {
    place: 'target',
    fault: 'is a share that hangs',
    needs: [canShare],
    chain: { volumes: { target: 'share' }, ...stalls },
    begin: (chain) => {
      chain.volume('target').freeze();
    },
    end: (chain) => {
      chain.volume('target').thaw();
    },
    sees: {
      where: 'left',
      code: 'TARGET_STALLED',
      says: 'the target … of job 87 has not answered for … s',
    },
    meanwhile: 'wait',
    during: (chain) => {
      assert.equal(chain.launcher.health().stalled, true);
    },
  },
  {
    place: 'target',
    fault: 'is a share whose server has died',
    needs: [canShare],
    chain: { volumes: { target: 'share' } },
    begin: (chain) => chain.volume('target').kill(),
    end: async (chain) => {
      spawnSync('umount', ['-l', join(chain.base, 'target')]);
      await chain.volume('target').remount();
    },
    sees: {
      where: 'left',
      code: 'TARGET_FAILED',
      says: 'job 87 cannot take documents now: …: the connection to the share is lost (ENOTCONN)',
    },
    meanwhile: 'wait',
  },
  {
    place: 'target',
    fault: 'has had its staging folder emptied',
    begin: async (chain) => {
      await rm(join(chain.target, '..', '.lanceur-staging'), { recursive: true });
    },
    end: () => undefined,
    meanwhile: 'go on',
  },
  {
    place: 'target',
    fault: 'is away for three hours, polled every three minutes, while documents go on coming',
    begin: (chain) => rename(chain.target, `${chain.target}-away`),
    async during(chain) {
      for (let minute = 3; minute <= 180; minute += 3) {
        chain.clock.shiftMs += 3 * 60_000;
        if (minute % 15 === 0) await chain.put(`after ${String(minute)} minutes.pdf`);
        const { threw, report } = await chain.poll();
        assert.equal(threw, undefined);
        assert.ok((report.counts.left.TARGET_GONE ?? 0) <= 1, 'more than one tried at once');
        assert.deepEqual(report.ended, []);
      }
    },
    end: (chain) => rename(`${chain.target}-away`, chain.target),
    sees: { where: 'left', code: 'TARGET_GONE', says: 'the waiting directory … of job 87 is not there' },
    meanwhile: 'wait',
    note: 'one document at a time tries whether it is back, every five minutes at the latest',
  },
];
