import { mkdir, open, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { reason } from '@lanceur/core';
import { listenerSuite, type ListenerBench } from '@lanceur/core/testing';
import { directory, type Completeness, type Unit } from '@lanceur/protocols/directory';
import { describe, test } from 'vitest';
import { temporaryFolder } from './folder.js';

/** An item is whole unless its content says otherwise. */
const honest: Completeness = {
  reads: true,
  async missing({ files }) {
    for (const file of files) {
      const head = Buffer.from(await file.read(0, 13)).toString();
      if (head === 'not all of it') return reason('INCOMPLETE', { missing: 'the rest' });
    }
    return undefined;
  },
};

// A whole number of seconds, which every call that sets times can express: what was written under it again has not
// changed for anyone who looks at size and mtime.
const PUT_AT = 1_700_000_000;

function bench(unit: Unit): () => Promise<ListenerBench> {
  return async () => {
    const folder = await temporaryFolder();
    const source = path.join(folder.path, 'source');
    await mkdir(source);
    const make = () => directory({ path: source, unit, quiet: 0, complete: honest });
    const at = (name: string) => path.join(source, name);
    const put = async (name: string, content: Uint8Array) => {
      await writeFile(at(name), content);
      await utimes(at(name), PUT_AT, PUT_AT);
    };
    return {
      listener: make(),
      again: () => Promise.resolve(make()),
      put,
      async putSeveral(name, documents) {
        await mkdir(at(name));
        for (const document of documents)
          await writeFile(path.join(at(name), document.name), document.content);
      },
      putUnready: put,
      async change(name, content) {
        const file = await open(at(name), 'r+');
        await file.truncate(0);
        await file.writeFile(content);
        await file.utimes(PUT_AT + 1, PUT_AT + 1);
        await file.close();
      },
      changeUnnoticed: put,
      remove: (name) => rm(at(name)),
      read: (name) => readFile(at(name)).catch(() => undefined),
      dispose: () => folder.remove(),
    };
  };
}

describe('a directory that settles each file', () => {
  for (const c of listenerSuite({ create: bench('file'), without: ['putSeveral'] })) test(c.name, c.run);
});

describe('a directory that settles each stem', () => {
  for (const c of listenerSuite({ create: bench('stem'), without: ['putSeveral'] })) test(c.name, c.run);
});

describe('a directory that settles each top-level entry', () => {
  for (const c of listenerSuite({ create: bench('entry') })) test(c.name, c.run);
});
