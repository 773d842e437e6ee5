import type { FileStat, FileSystem, OpenFile } from '@lanceur/protocols/directory';
import type { Step } from '@lanceur/core/testing';
import { clean, type Disk, type Node } from './disk.js';

/** Bytes that one read brings: less than a document, so that a writer finds its way between two of them. */
const CHUNK = 8;

/** The disk as the directory listener of one process uses it. Each change, and each read, is a step of that process. */
export function sourceDisk(disk: Disk, step: Step): FileSystem {
  const effect = async <T>(name: string, act: () => T): Promise<T> => {
    await step(`before ${name}`);
    const result = act();
    await step(`after ${name}`);
    return result;
  };

  const opened = (node: Node, head: number): OpenFile => {
    let at = head;
    return {
      read: (length) =>
        effect('read', () => {
          const bytes = node.bytes.subarray(at, at + Math.min(CHUNK, length));
          at += bytes.length;
          return new Uint8Array(bytes);
        }),
      stat: () => Promise.resolve(statOf(node)),
      close: () => Promise.resolve(),
    };
  };

  return {
    stat: async (path) => statOf(await Promise.resolve().then(() => disk.at(path))),
    async *list(folder) {
      await Promise.resolve();
      const node = disk.at(folder);
      yield disk.names(folder).flatMap((name) => {
        const child = node.children.get(name);
        return child === undefined ? [] : [{ name, readable: true, stat: statOf(child) }];
      });
    },
    open: (path, ahead) =>
      effect('open', () => {
        const node = disk.at(path);
        const stat = statOf(node);
        if (node.kind !== 'file') return { stat, head: new Uint8Array(0), after: stat };
        const head = Math.min(ahead, CHUNK);
        return {
          stat,
          head: new Uint8Array(node.bytes.subarray(0, head)),
          after: stat,
          ...(head < node.bytes.length && { file: opened(node, head) }),
        };
      }),
    read: (path, start, length) =>
      effect('read', () => new Uint8Array(disk.at(path).bytes.subarray(start, start + length))),
    create: (path, bytes) =>
      effect('settle create', () => {
        disk.create(path, Buffer.from(bytes));
      }),
    append: (path, bytes) =>
      effect('settle append', () => {
        const node = disk.at(path);
        disk.write(node, Buffer.concat([node.bytes, bytes]));
      }),
    seal: (path, mtimeNs) =>
      effect('settle seal', () => {
        disk.stamp(disk.at(path), mtimeNs);
      }),
    makeFolder: (path) =>
      effect('settle makeFolder', () => {
        makeFolders(disk, clean(path));
      }),
    move: (from, to) =>
      effect('settle move', () => {
        refuseTaken(disk, to);
        disk.rename(from, to);
      }),
    link: (from, to) =>
      effect('settle link', () => {
        disk.link(from, to);
      }),
    remove: (path) =>
      effect('settle remove', () => {
        disk.unlink(path);
      }),
    removeFolder: (path) =>
      effect('settle removeFolder', () => {
        disk.removeFolder(path);
      }),
    syncFolder: () => Promise.resolve(),
  };
}

export function makeFolders(disk: Disk, path: string): void {
  const names = path.split('/').filter((name) => name !== '');
  for (let depth = 1; depth <= names.length; depth++) {
    const folder = `/${names.slice(0, depth).join('/')}`;
    if (disk.find(folder) === undefined) disk.makeFolder(folder);
  }
}

function refuseTaken(disk: Disk, path: string): void {
  if (disk.find(path) !== undefined) throw Object.assign(new Error('EEXIST'), { code: 'EEXIST' });
}

function statOf(node: Node): FileStat {
  const changed = node.mtimeNs > node.ctimeNs ? node.mtimeNs : node.ctimeNs;
  return {
    kind: node.kind,
    size: node.bytes.length,
    mtimeNs: node.mtimeNs,
    changedMs: Number(changed / 1_000_000n),
    dev: BigInt(node.dev),
    ino: BigInt(node.ino),
    links: node.links,
  };
}
