// The blocks that a launcher is really made of, in the same stories as the doubles: on a disk in memory, on which
// processes die and stand still between any two changes.
import { describe, expect, test } from 'vitest';
import {
  lifeSuite,
  playStory,
  storyOf,
  type LifeOptions,
  type Story,
  type StoryProcess,
} from '@lanceur/core/testing';
import { asFolder, folderWorld, type FolderSetting } from './folder-world.js';

const usual: FolderSetting = {
  unit: 'file',
  layout: 'flat',
  manifest: false,
  linkSource: false,
  links: true,
  otherVolume: false,
  tickMs: 0,
  quietMs: 5_000,
  verify: 'version',
};

const settings: Readonly<Record<string, FolderSetting>> = {
  'files, into a waiting directory': usual,
  'files, compared byte by byte': { ...usual, verify: 'digest' },
  'files, moved to another volume afterwards': { ...usual, otherVolume: true },
  'files, on volumes that count in two seconds': { ...usual, tickMs: 2_000 },
  'files, on a volume without hard links': { ...usual, links: false },
  'files, linked into the waiting directory': { ...usual, linkSource: true },
  'documents with their index files': { ...usual, unit: 'stem' },
  'documents with their index files, a folder for each group': { ...usual, unit: 'stem', layout: 'folder' },
  'documents with their index files, and a manifest': { ...usual, unit: 'stem', manifest: true },
  'sub-folders': { ...usual, unit: 'entry' },
  'sub-folders, a folder for each group': { ...usual, unit: 'entry', layout: 'folder', verify: 'digest' },
  'sub-folders, a folder with a manifest for each group, without hard links': {
    ...usual,
    unit: 'entry',
    layout: 'folder',
    manifest: true,
    links: false,
  },
  'sub-folders, and a manifest, without hard links': {
    ...usual,
    unit: 'entry',
    manifest: true,
    links: false,
  },
};

const alone: StoryProcess = {
  name: 'p1',
  launcher: '16',
  takes: ['pdf', 'xml'],
  drive: 'run',
  at: 1_800,
  everyMs: 6_000,
  slow: { chance: 0.1, ms: 200 },
  dies: [],
  freezes: [],
  restartMs: 5_000,
  regroups: false,
};

// More of them when there is time: LIFE_HISTORIES=10000 npm test -- test/scenarios/folder-life
const HISTORIES = Number(process.env['LIFE_HISTORIES'] ?? 40);

for (const [n, [about, setting]] of Object.entries(settings).entries()) {
  describe(about, () => {
    const subject = {
      from: 20_001 + n * 100_000,
      histories: HISTORIES,
      world: folderWorld(setting),
      shape: (story: Story) => asFolder(story, setting),
    };
    for (const c of lifeSuite(subject)) test(c.name, c.run);
  });
}

describe('a guard that is broken on purpose is found out', () => {
  test('what is put into the place of a document under its mtime is lost, compared by version', async () => {
    const story: Story = {
      ...asFolder(storyOf(1), { ...usual, verify: 'digest' }),
      items: [{ name: 'i1', at: 0, documents: ['pdf'] }],
      processes: [alone],
      // Accepted while it cannot be seen, so that it leaves only later.
      events: [
        { at: 8_900, do: 'hide', item: 'i1', ms: 14_000 },
        { at: 14_000, do: 'rewrite', item: 'i1', unnoticed: true },
      ],
    };
    const kinds = async (setting: FolderSetting) =>
      (await playStory(story, { world: folderWorld(setting) })).problems.map(({ kind }) => kind);
    expect(await kinds(usual)).toContain('lost');
    expect(await kinds({ ...usual, verify: 'digest' })).toEqual([]);
  });

  test('evidence that goes before the ledger knows leaves a submission in doubt', async () => {
    const hasty: LifeOptions['wrap'] = (blocks) => {
      const { submitter } = blocks;
      return {
        ...blocks,
        submitter: {
          traits: submitter.traits,
          ...(submitter.jobs && { jobs: submitter.jobs }),
          submit: async (group, options = {}) => {
            const receipt = await submitter.submit(group, options);
            if (options.submissionId !== undefined) await submitter.forget?.([options.submissionId]);
            return receipt;
          },
          find: async (planned) => (await submitter.find?.(planned)) ?? { is: 'unknown' },
        },
      };
    };
    const found = new Set<string>();
    for (let seed = 1; seed <= 60 && found.size === 0; seed++) {
      const { problems } = await playStory(asFolder(storyOf(seed), usual), {
        world: folderWorld(usual),
        wrap: hasty,
      });
      for (const { kind } of problems) found.add(kind);
    }
    expect(['twice', 'misjudged']).toContain([...found][0]);
  });
});
