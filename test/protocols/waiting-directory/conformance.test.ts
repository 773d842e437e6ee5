import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { submitterSuite, type SubmitterBench } from '@lanceur/core/testing';
import { waitingDirectory, type FileSystem, type TargetOptions } from '@lanceur/protocols/waiting-directory';
import { failing, faulty, NO_LINKS } from './bench.js';

const flavours: Readonly<Record<string, TargetOptions & { readonly fs?: FileSystem }>> = {
  flat: {},
  'a folder a group': { layout: 'folder' },
  'flat, with a manifest': { manifest: true },
  'a folder a group, with a manifest': { layout: 'folder', manifest: true },
  'flat, same content counts as there': { conflict: 'same' },
  'flat, conflicts refused': { conflict: 'refuse' },
  'flat, on a volume without hard links': { fs: withoutLinks() },
  'a folder a group, on a volume without hard links': { layout: 'folder', fs: withoutLinks() },
};

for (const [flavour, options] of Object.entries(flavours)) {
  describe(`a waiting directory (${flavour})`, () => {
    for (const c of submitterSuite({ create: () => Promise.resolve(bench(options)) })) test(c.name, c.run);
  });
}

function withoutLinks(): FileSystem {
  return faulty({ link: () => Promise.reject(failing(NO_LINKS, 'link')) });
}

function bench(options: TargetOptions & { readonly fs?: FileSystem }): SubmitterBench {
  const root = mkdtempSync(join(tmpdir(), 'lanceur-conformance-'));
  const path = join(root, 'wait');
  mkdirSync(path);
  const create = () => waitingDirectory({ jobs: { '87': path }, ...options });
  const files = (): readonly string[] =>
    readdirSync(path).flatMap((name) =>
      statSync(join(path, name)).isDirectory()
        ? readdirSync(join(path, name)).map((n) => join(name, n))
        : name,
    );
  return {
    submitter: create(),
    job: '87',
    read: () =>
      Promise.resolve(
        files()
          .filter((name) => options.manifest !== true || !name.endsWith('.json'))
          .map((name) => ({
            name: name.split(/[\\/]/u).at(-1) ?? '',
            bytes: readFileSync(join(path, name)),
          })),
      ),
    eat: () => {
      for (const name of readdirSync(path)) rmSync(join(path, name), { recursive: true });
      return Promise.resolve();
    },
    outage: (on) => {
      if (on) renameSync(path, `${path}-away`);
      else renameSync(`${path}-away`, path);
      return Promise.resolve();
    },
    again: () => Promise.resolve(create()),
    dispose: () => {
      rmSync(root, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}
