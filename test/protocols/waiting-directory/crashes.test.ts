import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LanceurError, type Found, type Sent } from '@lanceur/core';
import { memoryDocument } from '@lanceur/core/testing';
import { waitingDirectory, type FileSystem, type TargetOptions } from '@lanceur/protocols/waiting-directory';
import { content, failing, faulty, group, id, NO_LINKS, planned, staged, waiting } from './bench.js';
import { dying } from './dying.js';

/** What one life ended in, for the tally. */
type Story = Found['is'] | 'not noted' | 'survived';

interface Flavour {
  readonly options: TargetOptions;
  readonly disk: FileSystem;
  readonly names: readonly string[];
}

const withLinks = faulty({});
const withoutLinks = faulty({ link: () => Promise.reject(failing(NO_LINKS, 'link')) });

const flavours: Readonly<Record<string, Flavour>> = {
  'one document': { options: {}, disk: withLinks, names: ['a.pdf'] },
  'a document with its index file': { options: {}, disk: withLinks, names: ['a.pdf', 'a.xml'] },
  'two documents and a manifest': { options: { manifest: true }, disk: withLinks, names: ['a.pdf', 'b.pdf'] },
  'a folder with a manifest': {
    options: { layout: 'folder', manifest: true },
    disk: withLinks,
    names: ['a.pdf', 'b.pdf'],
  },
  'one document, no hard links': { options: {}, disk: withoutLinks, names: ['a.pdf'] },
  'a document with its index file, no hard links': {
    options: {},
    disk: withoutLinks,
    names: ['a.pdf', 'a.xml'],
  },
};

// An effect costs ten times as much under Wine: one flavour there for each way of placing.
const played =
  process.platform === 'win32'
    ? ['a document with its index file', 'a folder with a manifest', 'one document, no hard links']
    : Object.keys(flavours);

// That a name was linked, and taken by the COLD since, only Linux can tell.
const linksLeaveTraces = process.platform === 'linux';
const foundThough = ({ options, disk }: Flavour): Story =>
  linksLeaveTraces || disk === withoutLinks || options.layout === 'folder' ? 'found' : 'unknown';

for (const [about, flavour] of Object.entries(flavours)) {
  if (!played.includes(about)) continue;
  for (const eats of [false, true]) {
    const cold = eats ? 'the COLD takes at once' : 'the COLD waits';
    describe(`${about}; ${cold}`, () => {
      test('killed at any step, it is sent once, and find knows what happened', async () => {
        const stories = await lives(flavour, eats, 'killed');
        expect(stories).toContain('not noted');
        expect(stories).toContain('absent');
        expect(stories).toContain(eats ? foundThough(flavour) : 'found');
      });

      test('frozen at any step and woken after find, it places nothing more', async () => {
        const stories = await lives(flavour, eats, 'frozen');
        expect(stories).toContain('absent');
        expect(stories).toContain(eats ? foundThough(flavour) : 'found');
      });
    });
  }
}

test('killed at any step of trying out the volume, it is sent by the next process', async () => {
  const flavour: Flavour = { options: {}, disk: withLinks, names: ['a.pdf'] };
  const last = await effectsBeforeReading(flavour);
  for (let nth = 1; nth <= last; nth++)
    expect(await life(flavour, false, 'killed', nth, 'after')).toBe('not noted');
});

test('a group cut between two of its documents is found to be there in part', async () => {
  const flavour = flavours['a document with its index file'];
  expect(flavour && (await lives(flavour, false, 'killed'))).toContain('partial');
});

test('a group cut before its manifest is found to be there in part', async () => {
  const flavour = flavours['two documents and a manifest'];
  expect(flavour && (await lives(flavour, true, 'killed'))).toContain(
    linksLeaveTraces ? 'partial' : 'unknown',
  );
});

async function lives(flavour: Flavour, eats: boolean, how: 'killed' | 'frozen'): Promise<readonly Story[]> {
  const stories: Story[] = [];
  // Probing comes first, and has a test of its own.
  for (let nth = await effectsBeforeReading(flavour); ; nth++) {
    const before = await life(flavour, eats, how, nth, 'before');
    const after = await life(flavour, eats, how, nth, 'after');
    stories.push(before, after);
    if (before === 'survived' && after === 'survived') return stories;
  }
}

async function effectsBeforeReading({ options, disk }: Flavour): Promise<number> {
  const { path } = waiting();
  const process = dying(Infinity, 'before', disk);
  let effects = 0;
  const document = memoryDocument('a.pdf', 'one');
  const watched = { ...document, open: () => ((effects = process.effects()), document.open()) };
  await waitingDirectory({ jobs: { '87': path }, ...options, fs: process.fs }).submit(group([watched]));
  return effects;
}

async function life(
  { options, disk, names }: Flavour,
  eats: boolean,
  how: 'killed' | 'frozen',
  nth: number,
  when: 'before' | 'after',
): Promise<Story> {
  const where = `${how} ${when} effect ${String(nth)}`;
  const { path, staging } = waiting();
  const submissionId = id();
  const documents = () => group(names.map((name) => memoryDocument(name, `content of ${name}`)));
  const taken: string[] = [];
  // Without the folder, and without the number that a name gets if a dead process still holds it.
  const plain = (name: string) => name.replace(/^.*\//u, '').replace(' (2)', '');
  const eat = () => {
    taken.push(...Object.keys(content(path)).map(plain));
    for (const name of readdirSync(path)) rmSync(join(path, name), { recursive: true });
  };
  const arrived = () => [...taken, ...Object.keys(content(path)).map(plain)].sort();

  let sent: readonly Sent[] | undefined;
  let fenced = false;
  const process = dying(nth, when, disk);
  const first = waitingDirectory({ jobs: { '87': path }, ...options, fs: process.fs });
  const submitted = first
    .submit(documents(), {
      submissionId,
      beforePlacing: (all) => {
        if (fenced) return Promise.reject(new LanceurError('LEASE_LOST', { name: 'a.pdf' }));
        sent = all;
        return Promise.resolve();
      },
    })
    .then(
      () => 'ended' as const,
      () => 'ended' as const,
    );
  const outcome = await Promise.race([submitted, process.stopped.then(() => 'stopped' as const)]);
  if (outcome === 'ended') return 'survived';
  fenced = true;
  if (how === 'killed') await process.bury();

  const expected = [
    ...names,
    ...(options.manifest === true ? [options.layout === 'folder' ? 'manifest.json' : 'a.json'] : []),
  ];
  const there = arrived();
  if (eats) eat();
  const second = waitingDirectory({ jobs: { '87': path }, ...options, fs: disk });
  let story: Story = 'not noted';
  let have: readonly Sent[] = [];
  if (sent !== undefined) {
    const found = await second.find(planned(submissionId, sent));
    story = found.is;
    const truth = there.length === 0 ? 'absent' : there.length === expected.length ? 'found' : 'partial';
    const doubtful = eats && truth !== 'absent' && foundThough({ options, disk, names }) === 'unknown';
    expect(found.is, where).toBe(doubtful ? 'unknown' : truth);
    if (found.is === 'partial') have = found.have;
  }
  if (how === 'frozen') {
    process.wake();
    await submitted;
    expect(arrived(), `${where}: it placed something when it woke up`).toEqual(there);
  }
  if (story === 'unknown') return story;
  if (story !== 'found')
    await second.submit(documents(), { submissionId, have, beforePlacing: () => Promise.resolve() });
  expect(arrived(), where).toEqual([...expected].sort());
  await second.forget([submissionId]);
  if (how === 'killed') expect(staged(staging), where).toEqual([]);
  return story;
}
