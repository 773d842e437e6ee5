import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSpool } from '@lanceur/core';
import {
  folderNameOf,
  lifeOf,
  ownerOf,
  thisProcess,
  type Owner,
} from '../../../packages/core/dist/spool/owner.js';

const code = (code: string) => expect.objectContaining({ code }) as Error;
const isWindows = process.platform === 'win32';
const isLinux = process.platform === 'linux';

/** No system gives a pid as high (Linux: 4194304 at most). */
const NO_PID = 2_147_483_646;

let base: string;
let root: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'lanceur-spool-'));
  root = join(base, 'spool');
});

afterEach(async () => {
  for (const child of children.splice(0)) await killed(child);
  await rm(base, { recursive: true, force: true });
});

/** Another process with a file in the spool. */
async function neighbour(): Promise<{ child: ChildProcess; own: string; folder: string }> {
  const script = fileURLToPath(new URL('owning-process.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, root], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, ...(JSON.parse(line) as { own: string; folder: string }) };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

describe('a spool', () => {
  test('gives folders that are empty, private, and each its own', async () => {
    const spool = await openSpool(root);
    const [one, two] = await Promise.all([spool.folder(), spool.folder()]);
    expect(one.path).not.toBe(two.path);
    for (const { path } of [one, two]) {
      expect(dirname(path)).toBe(spool.path);
      expect(await readdir(path)).toEqual([]);
      if (!isWindows) expect((await stat(path)).mode & 0o777).toBe(0o700);
    }
    if (!isWindows) {
      expect((await stat(root)).mode & 0o777).toBe(0o700);
      expect((await stat(spool.path)).mode & 0o777).toBe(0o700);
    }
  });

  test('removes a folder with all that is inside when it is disposed of, and may be asked twice', async () => {
    const spool = await openSpool(root);
    const folder = await spool.folder();
    await mkdir(join(folder.path, 'deep', 'er'), { recursive: true });
    await writeFile(join(folder.path, 'deep', 'er', 'part.pdf'), 'x');
    await folder[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
    expect(await readdir(spool.path)).toEqual([]);
  });

  test('leaves nothing behind when it is disposed of, and gives nothing more', async () => {
    const spool = await openSpool(root);
    const folder = await spool.folder();
    await writeFile(join(folder.path, 'part.pdf'), 'x');
    await spool[Symbol.asyncDispose]();
    await spool[Symbol.asyncDispose]();
    expect(await readdir(root)).toEqual([]);
    await expect(spool.folder()).rejects.toThrow(code('CLOSED'));
  });

  test('has a folder of its own for each that opens it, also in one process', async () => {
    const [one, two] = await Promise.all([openSpool(root), openSpool(root)]);
    const folder = await two.folder();
    await one[Symbol.asyncDispose]();
    expect(existsSync(folder.path)).toBe(true);
  });

  test('makes its folder again if somebody has cleaned it away', async () => {
    const spool = await openSpool(root);
    await rm(spool.path, { recursive: true });
    const { path } = await spool.folder();
    expect(await readdir(path)).toEqual([]);
  });

  test('names the folder that it uses, so that no source can overlap it', async () => {
    const spool = await openSpool(root);
    expect(spool.folders).toEqual([{ role: 'spool', path: root }]);
  });

  test.each(['', 'spool', './spool', '../spool'])(
    'is never at %j: a service starts where nobody looks',
    async (path) => {
      await expect(openSpool(path)).rejects.toThrow(code('INVALID_OPTION'));
    },
  );

  test.runIf(isWindows).each(['\\spool', '/spool', 'C:spool'])(
    'is never at %j, which is on another drive whenever the current one is another',
    async (path) => {
      await expect(openSpool(path)).rejects.toThrow(code('INVALID_OPTION'));
    },
  );

  test('is not made in a folder that is not there, such as a drive that is not mounted', async () => {
    await expect(openSpool(join(base, 'not', 'mounted'))).rejects.toThrow(code('SPOOL_FAILED'));
    expect(await readdir(base)).toEqual([]);
  });

  test('cannot be a file', async () => {
    await writeFile(root, '');
    await expect(openSpool(root)).rejects.toThrow(code('SPOOL_FAILED'));
  });

  test('fails, and says so, once its folder has gone with all that held it', async () => {
    const spool = await openSpool(root);
    await rename(root, join(base, 'elsewhere'));
    await expect(spool.folder()).rejects.toThrow(code('SPOOL_FAILED'));
  });

  test('keeps room free on its volume', async () => {
    const spool = await openSpool(root, { keepFree: Number.MAX_SAFE_INTEGER });
    await expect(spool.folder()).rejects.toThrow(
      /bytes are free on its volume, of which 9007199254740991 are kept/u,
    );
    await expect(openSpool(root, { keepFree: -1 })).rejects.toThrow(code('INVALID_OPTION'));
    await expect(openSpool(root, { keepFree: NaN })).rejects.toThrow(code('INVALID_OPTION'));
  });
});

describe('what other processes have in the spool', () => {
  test('is emptied once its owner was killed, and not while it lives', async () => {
    const [dead, alive] = [await neighbour(), await neighbour()];
    await killed(dead.child);
    const spool = await openSpool(root);
    expect(existsSync(dead.own)).toBe(false);
    expect(existsSync(join(alive.folder, 'part.pdf'))).toBe(true);
    expect((await readdir(root)).sort()).toEqual([basename(alive.own), basename(spool.path)].sort());
    expect(spool.leftAlone).toEqual([]);
  });

  test('is emptied by several that start at the same moment, and none of them fails', async () => {
    const dead = await neighbour();
    for (let i = 0; i < 50; i++) await writeFile(join(dead.folder, `${String(i)}.pdf`), 'x');
    await killed(dead.child);
    const spools = await Promise.all(Array.from({ length: 5 }, () => openSpool(root)));
    expect((await readdir(root)).sort()).toEqual(spools.map(({ path }) => basename(path)).sort());
  });

  test('is left, and reported, where its owner cannot be seen from here', async () => {
    const self = await thisProcess();
    const foreign = join(root, folderNameOf({ ...self, host: 'ffffffff', pid: 1, start: '1' }));
    await mkdir(foreign, { recursive: true });
    const spool = await openSpool(root);
    expect(existsSync(foreign)).toBe(true);
    expect(spool.leftAlone).toEqual([foreign]);
  });

  test('is never touched if it is not of a spool, or only looks like it', async () => {
    const self = await thisProcess();
    const name = folderNameOf({ ...self, pid: NO_PID, start: '0' });
    await mkdir(join(root, 'documents of somebody'), { recursive: true });
    await mkdir(join(root, `${name}.bak`));
    await writeFile(join(root, name), 'a file of that name');
    await openSpool(root);
    expect(await readdir(root)).toEqual(
      expect.arrayContaining(['documents of somebody', `${name}.bak`, name]),
    );
  });

  test.skipIf(isWindows)('is not followed out of the spool', async () => {
    const self = await thisProcess();
    const outside = join(base, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'precious.pdf'), 'x');
    const dead = join(root, folderNameOf({ ...self, pid: NO_PID, start: '0' }));
    await mkdir(dead, { recursive: true });
    await symlink(outside, join(dead, 'link'));
    await symlink(outside, join(root, folderNameOf({ ...self, pid: NO_PID, start: '0' })));
    await openSpool(root);
    expect(existsSync(dead)).toBe(false);
    expect(await readdir(outside)).toEqual(['precious.pdf']);
  });
});

describe('whether the owner of a folder lives', () => {
  const other = async (change: Partial<Owner>) => {
    const self = await thisProcess();
    return lifeOf({ ...self, ...change }, self);
  };

  test('is told of this very process, and survives being a name', async () => {
    const self = await thisProcess();
    expect(ownerOf(folderNameOf(self))).toEqual(self);
    expect(await lifeOf(self, self)).toBe('alive');
    expect(folderNameOf(self)).not.toBe(folderNameOf(self));
    expect(ownerOf('spool')).toBeUndefined();
    expect(ownerOf('lanceur-x')).toBeUndefined();
  });

  test('is no where its pid is free', async () => {
    expect(await other({ pid: NO_PID, start: '0' })).toBe('dead');
  });

  test('cannot be told of another host or another container', async () => {
    expect(await other({ host: '00000001', pid: NO_PID })).toBe('unknown');
    expect(await other({ namespace: '00000001', pid: NO_PID })).toBe('unknown');
  });

  test('is taken for yes where a pid is in use and nobody knows since when', async () => {
    expect(await other({ start: '0' })).toBe('alive');
  });

  test.runIf(isLinux)('is no where the pid was given to a process that was started later', async () => {
    expect(await other({ start: '1' })).toBe('dead');
  });

  test.runIf(isLinux)('is no where the host was started again since', async () => {
    expect(await other({ boot: '00000001' })).toBe('dead');
  });

  test.runIf(isLinux)('is no where it has ended, and its parent has not asked after it', async () => {
    // The shell becomes `sleep`, which never asks after the child that the shell had; only then does the child end.
    const script = 'cat <&3 >/dev/null & echo $!; exec sleep 60';
    const parent = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] });
    children.push(parent);
    const [line] = (await once(createInterface(parent.stdio[1]!), 'line')) as [string];
    const read = (pid: string, file: string) => readFile(`/proc/${pid}/${file}`, 'utf8');
    while ((await read(String(parent.pid), 'comm')) !== 'sleep\n') await turn();
    (parent.stdio[3] as Writable).end();
    const fields = async () => (await read(line, 'stat')).replace(/^.*\) /su, '').split(' ');
    while ((await fields())[0] !== 'Z') await turn();
    const start = (await fields())[19] ?? '';
    expect(await other({ pid: Number(line), start })).toBe('dead');
  });

  test('cannot be told across two boots of which one is not known', async () => {
    const self = { ...(await thisProcess()), boot: '12345678' };
    expect(await lifeOf({ ...self, boot: '00000000' }, self)).toBe('unknown');
  });
});
