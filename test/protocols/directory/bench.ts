import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import path from 'node:path';
import type { Clock, ItemRef, Listener, Session, Settled, Settlement } from '@lanceur/core';
import { sentOf } from '@lanceur/core/testing';
import { directory, type DirectoryOptions } from '@lanceur/protocols/directory';
import { onTestFinished } from 'vitest';
import { realFileSystem } from './interposed.js';
import { temporaryFolder } from './folder.js';

export interface Bench {
  /** The source. */
  readonly path: string;
  /** A folder beside it, for what leaves it. */
  readonly beside: string;
  at(...names: readonly string[]): string;
  write(name: string, content?: string | Uint8Array): Promise<void>;
  listener(options?: Partial<DirectoryOptions>): Listener;
  /** Empties the source and the folder beside it. */
  clear(): Promise<void>;
  /** All files below the source, with their content; the working folder apart unless asked for. */
  tree(folder?: string): Promise<Readonly<Record<string, string>>>;
}

/** A real folder with nothing in it, gone after the test. */
export async function bench(defaults: Partial<DirectoryOptions> = {}): Promise<Bench> {
  const folder = await temporaryFolder();
  onTestFinished(() => folder.remove());
  const source = path.join(folder.path, 'source');
  const beside = path.join(folder.path, 'beside');
  await mkdir(source);
  await mkdir(beside);
  return {
    path: source,
    beside,
    at: (...names) => path.join(source, ...names),
    async write(name, content = name) {
      await mkdir(path.dirname(path.join(source, name)), { recursive: true });
      await writeFile(path.join(source, name), content);
    },
    listener: (options = {}) =>
      directory({ path: source, quiet: 0, fs: realFileSystem, ...defaults, ...options }),
    async clear() {
      for (const one of [source, beside]) {
        await rm(one, { recursive: true });
        await mkdir(one);
      }
    },
    tree: (at = source) => treeOf(at),
  };
}

async function treeOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((e) => e.isFile())
    .map((e) => path.join(e.parentPath, e.name))
    .sort();
  const contents = await Promise.all(
    files.map(
      async (f) => [path.relative(folder, f).replaceAll('\\', '/'), await readFile(f, 'utf8')] as const,
    ),
  );
  return Object.fromEntries(contents);
}

/** Its documents, without the working folder. */
export function outside(tree: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(tree).filter(([name]) => !name.startsWith('.lanceur/')));
}

export async function using<T>(listener: Listener, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await listener.connect();
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

export function list(listener: Listener): Promise<readonly ItemRef[]> {
  return using(listener, listed);
}

export async function listed(session: Session): Promise<readonly ItemRef[]> {
  const refs: ItemRef[] = [];
  for await (const ref of session.list()) refs.push(ref);
  return refs.sort((a, b) => (a.id < b.id ? -1 : 1));
}

export function find(refs: readonly ItemRef[], id: string): ItemRef {
  const ref = refs.find((r) => r.id === id);
  if (ref === undefined) throw new Error(`${id} is not listed: ${refs.map((r) => r.id).join(', ')}`);
  return ref;
}

/** The ids of what is ready, and the codes of what is not. */
export async function seen(listener: Listener): Promise<Readonly<Record<string, string>>> {
  return Object.fromEntries((await list(listener)).map((r) => [r.id, r.notReady?.code ?? 'ready']));
}

export async function acceptance(session: Session, ref: ItemRef): Promise<Settlement> {
  const delivery = await session.open(ref);
  const sent = await Promise.all(delivery.documents.map(sentOf));
  await delivery[Symbol.asyncDispose]();
  return { ref, end: 'accept', sent };
}

export async function accept(listener: Listener, id: string): Promise<Settled> {
  return using(listener, async (session) => {
    const settlement = await acceptance(session, find(await listed(session), id));
    return await settleOne(session, settlement);
  });
}

export async function settleOne(session: Session, settlement: Settlement): Promise<Settled> {
  const [settled] = await session.settle([settlement]);
  if (settled === undefined) throw new Error('it was not answered');
  return settled;
}

/** Pauses take no time and are noted; deadlines, which are sleeps that can be called off, never come. */
export function hastyClock(): { readonly clock: Clock; readonly slept: readonly number[] } {
  const slept: number[] = [];
  const clock: Clock = {
    now: () => Date.now(),
    async sleep(ms, signal) {
      if (signal === undefined) slept.push(ms);
      else if (!signal.aborted) await once(signal, 'abort');
    },
  };
  return { clock, slept };
}
