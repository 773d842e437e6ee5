import { describe, expect, test } from 'vitest';
import { moveTo, type DirectoryOptions } from '@lanceur/protocols/directory';
import { bench, listed, settleOne, using, type Bench } from './bench.js';
import { apart, freezing } from './interposed.js';

type Files = Readonly<Record<string, string>>;

const kinds: readonly (readonly [kind: string, options: Partial<DirectoryOptions>, files: Files])[] = [
  [
    'a folder',
    { unit: 'entry' },
    { 'dossier/a.pdf': 'a', 'dossier/annexes/b.pdf': 'b', 'dossier/c.xml': 'c' },
  ],
  ['a large file', { unit: 'file' }, { 'dossier.pdf': 'abc'.repeat(1024 * 1024) }],
  ['a document with its index file', { unit: 'stem' }, { 'dossier.pdf': 'a', 'dossier.xml': 'b' }],
];

describe.each(kinds)(
  'a process that was frozen while it moved %s to another volume',
  (_kind, options, files) => {
    test('spoils nothing of what another one has moved there, wherever it stood still', async () => {
      for (let nth = 0; ; nth++) {
        const b = await bench(options);
        for (const [name, content] of Object.entries(files)) await b.write(name, content);
        const stoodStill = await overtaken(b, nth);
        const treated = await b.tree(b.beside);
        const left = await b.tree();
        expect({ nth, ...sizes(treated), left: Object.keys(left) }).toEqual({
          nth,
          ...sizes(files),
          left: [],
        });
        expect(treated).toEqual(files);
        if (!stoodStill) break;
      }
    });
  },
);

/** Another process settles what a frozen one had begun with; then both go on. Whether the first came to stand still. */
async function overtaken(b: Bench, nth: number): Promise<boolean> {
  const { fs, frozen, goOn } = freezing(nth);
  const after = moveTo(b.beside);
  return await using(b.listener({ after, fs: apart(b, fs) }), async (first) => {
    const [ref] = await listed(first);
    if (ref === undefined) throw new Error('nothing is listed');
    const settling = settleOne(first, { ref, end: 'accept' });
    const stoodStill = await Promise.race([settling.then(() => false), frozen.then(() => true)]);
    await using(
      b.listener({ after, fs: apart(b) }),
      async (second) => await settleOne(second, { ref, end: 'accept' }),
    );
    goOn();
    await settling;
    // Whoever has the item now asks until it is done.
    await using(
      b.listener({ after, fs: apart(b) }),
      async (third) => await settleOne(third, { ref, end: 'accept' }),
    );
    return stoodStill;
  });
}

function sizes(files: Files): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [name, content.length]));
}
