import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { STALL_MS } from '../chain.js';
import type { Fault } from '../fault.js';
import { isPosix } from '../needs.js';
import { canMount, canShare } from '../volume.js';

const PLACED = 'when a document has just been placed';

export const SOURCE_FAULTS: readonly Fault[] = [
  {
    place: 'source',
    fault: 'is on a disk that is full',
    needs: [canMount],
    chain: { volumes: { source: 'memory' } },
    begin: (chain) => {
      spawnSync('sh', ['-c', `cat /dev/zero > '${join(chain.base, 'source', 'ballast')}'`]);
    },
    end: (chain) => rm(join(chain.base, 'source', 'ballast')),
    meanwhile: 'go on',
  },
  {
    place: 'source',
    fault: 'is on a disk that is full, where documents have to be left alone for a while first (`quiet`)',
    needs: [canMount],
    chain: { volumes: { source: 'memory' }, directory: { quiet: 1_000 } },
    begin: (chain) => {
      spawnSync('sh', ['-c', `cat /dev/zero > '${join(chain.base, 'source', 'ballast')}'`]);
    },
    end: (chain) => rm(join(chain.base, 'source', 'ballast')),
    sees: {
      where: 'left',
      code: 'NOT_QUIET',
      says: 'changed … s ago; it is taken once it has been left alone for 1 s',
    },
    meanwhile: 'wait',
    note: 'no probe can be written: how long it has been left alone is counted from the first poll that saw it',
  },
  {
    place: 'source',
    fault: 'is mounted read-only',
    needs: [canMount],
    chain: { volumes: { source: 'memory' } },
    begin: (chain) => {
      chain.volume('source').readOnly(true);
    },
    end: (chain) => {
      chain.volume('source').readOnly(false);
    },
    sees: {
      where: 'not settled',
      code: 'NOT_SETTLED',
      says: '… has been dealt with, but cannot be taken out of its source: the volume is read-only (EROFS)',
    },
    meanwhile: 'settle late',
  },
  {
    place: 'source',
    fault: 'may be read, but not changed, by the service account',
    needs: [isPosix],
    chain: { asUser: true },
    begin: async (chain) => {
      await rm(join(chain.source, '.lanceur'), { recursive: true, force: true });
      await chmod(chain.source, 0o555);
    },
    end: (chain) => chmod(chain.source, 0o755),
    sees: {
      where: 'not settled',
      code: 'NOT_SETTLED',
      says: '… has been dealt with, but cannot be taken out of its source: access is denied (EACCES)',
    },
    meanwhile: 'settle late',
  },
  {
    place: 'source',
    fault: 'may not be read by the service account',
    needs: [isPosix],
    chain: { asUser: true },
    begin: (chain) => chmod(chain.source, 0),
    end: (chain) => chmod(chain.source, 0o755),
    sees: {
      where: 'thrown',
      code: 'SOURCE_DENIED',
      says: 'the source … cannot be used: access is denied (EACCES)',
    },
    meanwhile: 'wait',
  },
  {
    place: 'source',
    fault: 'holds a document that the service account may not read',
    needs: [isPosix],
    chain: { asUser: true },
    begin: (chain) => chmod(join(chain.source, '2.pdf'), 0),
    end: (chain) => chmod(join(chain.source, '2.pdf'), 0o644),
    sees: {
      where: 'left',
      code: 'DOCUMENT_UNREADABLE',
      says: '2.pdf cannot be read: access is denied (EACCES)',
    },
    meanwhile: 'some',
  },
  ...(['file', 'entry'] as const).map((unit): Fault => ({
    place: 'source',
    fault: `holds a sub-folder that the service account may not read (unit \`${unit}\`)`,
    needs: [isPosix],
    chain: { asUser: true, directory: { unit, ...(unit === 'file' && { recursive: true }) } },
    begin: async (chain) => {
      await mkdir(join(chain.source, 'private'));
      await chmod(join(chain.source, 'private'), 0);
    },
    end: (chain) => rmdir(join(chain.source, 'private')),
    sees: {
      where: 'thrown',
      code: 'SOURCE_DENIED',
      says: 'the source …/private cannot be used: access is denied (EACCES)',
    },
    meanwhile: 'go on',
  })),
  {
    place: 'source',
    fault: 'is not there',
    begin: (chain) => rename(chain.source, `${chain.source}-away`),
    end: (chain) => rename(`${chain.source}-away`, chain.source),
    sees: { where: 'thrown', code: 'SOURCE_GONE', says: 'the source … is not there' },
    meanwhile: 'wait',
  },
  {
    place: 'source',
    fault: 'is on a volume that has been unmounted',
    needs: [canShare],
    chain: { volumes: { source: 'share' } },
    begin: (chain) => {
      chain.volume('source').unmount();
    },
    end: (chain) => chain.volume('source').remount(),
    sees: { where: 'thrown', code: 'SOURCE_GONE', says: 'the source … is not there' },
    meanwhile: 'wait',
    during: async (chain) => {
      assert.deepEqual(
        await readdir(join(chain.base, 'source')),
        [],
        'something was written below the mount point',
      );
    },
  },
  {
    place: 'source',
    fault: 'has been replaced by a file',
    begin: async (chain) => {
      await rename(chain.source, `${chain.source}-away`);
      await writeFile(chain.source, 'not a folder');
    },
    end: async (chain) => {
      await rm(chain.source);
      await rename(`${chain.source}-away`, chain.source);
    },
    sees: { where: 'thrown', code: 'SOURCE_FAILED', says: 'the source … failed: it is not a folder' },
    meanwhile: 'wait',
  },
  {
    place: 'source',
    fault: 'is a share that hangs',
    needs: [canShare],
    chain: { volumes: { source: 'share' }, directory: { stallMs: STALL_MS } },
    begin: (chain) => {
      chain.volume('source').freeze();
    },
    end: (chain) => {
      chain.volume('source').thaw();
    },
    sees: { where: 'thrown', code: 'SOURCE_STALLED', says: 'the source … has not answered for … s' },
    meanwhile: 'wait',
    during: (chain) => {
      assert.equal(chain.launcher.health().stalled, true);
    },
  },
  {
    place: 'source',
    fault: 'is a share whose server has died',
    needs: [canShare],
    chain: { volumes: { source: 'share' } },
    begin: (chain) => chain.volume('source').kill(),
    end: async (chain) => {
      spawnSync('umount', ['-l', join(chain.base, 'source')]);
      await chain.volume('source').remount();
    },
    sees: {
      where: 'thrown',
      code: 'SOURCE_FAILED',
      says: 'the source … failed: the connection to the share is lost (ENOTCONN)',
    },
    meanwhile: 'wait',
  },
  {
    place: 'source',
    fault: 'is a share that hangs',
    when: PLACED,
    needs: [canShare],
    chain: { volumes: { source: 'share' }, directory: { stallMs: STALL_MS } },
    begin: (chain) => {
      chain.volume('source').freeze();
    },
    end: (chain) => {
      chain.volume('source').thaw();
    },
    sees: { where: 'thrown', code: 'SOURCE_STALLED', says: 'the source … has not answered for … s' },
    meanwhile: 'placed',
  },
  {
    place: 'source',
    fault: 'is not there any more',
    when: PLACED,
    begin: (chain) => rename(chain.source, `${chain.source}-away`),
    end: (chain) => rename(`${chain.source}-away`, chain.source),
    sees: { where: 'thrown', code: 'SOURCE_GONE', says: 'the source … is not there' },
    meanwhile: 'placed',
  },
  ...(['before a poll', PLACED] as const).map((when): Fault => ({
    place: 'source',
    fault: 'is an empty folder, since its volume is not mounted there',
    when,
    begin: async (chain) => {
      await rename(chain.source, `${chain.source}-away`);
      await mkdir(chain.source);
    },
    end: async (chain) => {
      await rm(chain.source, { recursive: true });
      await rename(`${chain.source}-away`, chain.source);
    },
    ...(when === PLACED && {
      sees: { where: 'left', code: 'GONE', says: '… is no longer in the source' },
    }),
    meanwhile: when === PLACED ? 'placed' : 'wait',
    note: 'it cannot be told from a folder that is empty; `health().lastReport` says how many were listed',
  })),
];
