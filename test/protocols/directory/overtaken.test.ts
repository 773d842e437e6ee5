import { describe, expect, test } from 'vitest';
import { reason } from '@lanceur/core';
import { moveTo, type DirectoryOptions, type FileSystem } from '@lanceur/protocols/directory';
import { bench, listed, settleOne, using, type Bench } from './bench.js';
import { apart, freezing, realFileSystem } from './interposed.js';

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

/** Where an item goes, and whether that is on its own volume. */
type Way = readonly [where: string, end: 'accept' | 'reject', volume: 'another volume' | 'the same volume'];
const ways: readonly Way[] = [
  ['to another volume', 'accept', 'another volume'],
  ['to another folder', 'accept', 'the same volume'],
  ['to quarantine', 'reject', 'the same volume'],
];

describe.each(kinds)('a process that was frozen while it moved %s', (_kind, options, files) => {
  test.each(ways)(
    '%s spoils nothing of what another one has moved there, wherever it stood still',
    async (...way) => {
      for (let nth = 0; ; nth++) {
        const b = await bench(options);
        for (const [name, content] of Object.entries(files)) await b.write(name, content);
        const stoodStill = await overtaken(b, nth, way);
        const moved = documentsIn(await b.tree(b.beside));
        const left = Object.keys(await b.tree());
        expect({ nth, ...sizes(moved), left }).toEqual({ nth, ...sizes(files), left: [] });
        expect(moved).toEqual(files);
        if (!stoodStill) break;
      }
    },
  );
});

/** Another process settles what a frozen one had begun with; then both go on. Whether the first came to stand still. */
async function overtaken(b: Bench, nth: number, [, end, volume]: Way): Promise<boolean> {
  const { fs, frozen, goOn } = freezing(nth);
  const disk = (inner = realFileSystem) => (volume === 'another volume' ? apart(b, inner) : inner);
  const listener = (inner?: FileSystem) =>
    b.listener({ after: moveTo(b.beside), quarantine: b.beside, fs: disk(inner) });
  return await using(listener(fs), async (first) => {
    const [ref] = await listed(first);
    if (ref === undefined) throw new Error('nothing is listed');
    const settlement = {
      ref,
      end,
      ...(end === 'reject' && {
        reason: reason('DOCUMENT_REFUSED', { name: 'a.pdf', job: '87', why: 'not a PDF' }),
      }),
    };
    const settling = settleOne(first, settlement);
    const stoodStill = await Promise.race([settling.then(() => false), frozen.then(() => true)]);
    await using(listener(), async (second) => await settleOne(second, settlement));
    goOn();
    await settling;
    // Whoever has the item now asks until it is done.
    await using(listener(), async (third) => await settleOne(third, settlement));
    return stoodStill;
  });
}

/** Without the notes of a rejection, and without the folder that keeps the files of one document together there. */
function documentsIn(tree: Files): Files {
  const isNote = (name: string) => name.endsWith('.reason.json') || name === 'dossier/.lanceur.json';
  const entries = Object.entries(tree).filter(([name]) => !isNote(name));
  const isStem = 'dossier/.lanceur.json' in tree;
  return Object.fromEntries(
    entries.map(([name, content]) => [isStem ? name.replace(/^dossier\//u, '') : name, content]),
  );
}

function sizes(files: Files): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [name, content.length]));
}
