import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { DocumentGroup, Planned, Sent, SourceDocument } from '@lanceur/core';
import { memoryDocument } from '@lanceur/core/testing';
import { nodeFileSystem, type FileSystem } from '@lanceur/protocols/waiting-directory';

/** A private folder that goes when the test is over. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'lanceur-wait-'));
  onTestFinished(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

/** An empty waiting directory in a private folder. */
export function waiting(): { readonly path: string; readonly root: string; readonly staging: string } {
  const root = folder();
  const path = join(root, 'factures');
  mkdirSync(path);
  return { root, path, staging: join(root, '.lanceur-staging', 'factures') };
}

export function group(documents: readonly SourceDocument[], key = 'pdf', job = '87'): DocumentGroup {
  return { key, job, documents };
}

export function one(name = 'a.pdf', content: string | Uint8Array = 'one'): DocumentGroup {
  return group([memoryDocument(name, content)]);
}

export function id(): string {
  return randomUUID();
}

/** What the ledger would give back after `beforePlacing(sent)`. */
export function planned(submissionId: string, sent: readonly Sent[], job = '87'): Planned {
  return { id: submissionId, key: 'pdf', job, documents: sent.map(({ name }) => name), sent };
}

/** Every file below, with its content: `{ 'a.pdf': 'one' }`. */
export function content(path: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const name of filesIn(path)) files[name] = readFileSync(join(path, name), 'utf8');
  return files;
}

/** Every file below, as `folder/file`. Nothing where there is no such folder. */
export function filesIn(path: string): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(path);
  } catch {
    return [];
  }
  return names
    .flatMap((name) =>
      statSync(join(path, name)).isDirectory() ? filesIn(join(path, name)).map((n) => `${name}/${n}`) : name,
    )
    .sort();
}

/** What is staged, the run's own witnesses left out. */
export function staged(staging: string): readonly string[] {
  return filesIn(staging).filter((name) => !/(?:^|\/)\./u.test(name));
}

/** A promise with its ends. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** What a volume without hard links says. */
export const NO_LINKS = process.platform === 'win32' ? 'EISDIR' : 'EPERM';

export function failing(code: string, call = 'call'): Error {
  return Object.assign(new Error(`${code}: injected, ${call}`), { code });
}

/** The disk, except where `faults` says otherwise. Each gets the real call to go on with. */
export function faulty(faults: Partial<FileSystem>): FileSystem {
  return { ...nodeFileSystem, ...faults };
}
