import type { FileStat, FileSystem, OpenFile } from '@lanceur/protocols/waiting-directory';
import type { Step } from '@lanceur/core/testing';
import { clean, type Disk, type Node } from './disk.js';

const EXT4 = 0xef53;

/** The disk as the waiting directory of one process uses it. Each change is a step of that process. */
export function targetDisk(
  disk: Disk,
  step: Step,
  isTarget: (path: string) => boolean,
  links: boolean,
): FileSystem {
  const effect = async <T>(name: string, act: () => T): Promise<T> => {
    await step(`before ${name}`);
    const result = act();
    await step(`after ${name}`);
    return result;
  };
  const look = async <T>(act: () => T): Promise<T> => {
    await Promise.resolve();
    return act();
  };
  const placing = (to: string) => (isTarget(clean(to)) ? 'place' : 'stage');

  const opened = (node: Node): OpenFile => ({
    write: (data) =>
      effect('stage write', () => {
        disk.write(node, Buffer.concat([node.bytes, data]));
      }),
    read: (buffer, position) => look(() => node.bytes.copy(buffer, 0, position, position + buffer.length)),
    sync: () => effect('stage sync', () => undefined),
    close: () => Promise.resolve(),
  });

  return {
    platform: 'linux',
    open: (path, flags) =>
      flags === 'wx'
        ? effect('stage open', () => opened(disk.create(path)))
        : look(() => opened(disk.at(path))),
    link: (existing, name) =>
      effect(`${placing(name)} link`, () => {
        if (!links) throw Object.assign(new Error('EPERM: no links here'), { code: 'EPERM' });
        disk.link(existing, name);
      }),
    rename: (from, to) =>
      effect(`${placing(to)} rename`, () => {
        disk.rename(from, to);
      }),
    unlink: (path) =>
      effect('forget unlink', () => {
        disk.unlink(path);
      }),
    mkdir: (path) =>
      effect('stage mkdir', () => {
        disk.makeFolder(path);
      }),
    rmdir: (path) =>
      effect('forget rmdir', () => {
        disk.removeFolder(path);
      }),
    readdir: (path) => look(() => disk.names(path)),
    stat: (path) => look(() => statOf(disk.at(path))),
    lstat: (path) => look(() => statOf(disk.at(path))),
    statfs: () => look(() => ({ free: Number.MAX_SAFE_INTEGER, type: EXT4 })),
  };
}

function statOf(node: Node): FileStat {
  return {
    kind: node.kind === 'file' ? 'file' : 'directory',
    size: node.bytes.length,
    links: node.links,
    identity: `${String(node.dev)}:${String(node.ino)}`,
    volume: String(node.dev),
    ctimeNs: node.ctimeNs,
    mtimeMs: Number(node.mtimeNs / 1_000_000n),
    rights: '100644.0.0',
  };
}
