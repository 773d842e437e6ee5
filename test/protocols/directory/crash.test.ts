import { writeFile } from 'node:fs/promises';
import { reason, type ItemRef, type Settlement } from '@lanceur/core';
import { doneFile, moveTo, remove, type DirectoryOptions, type Unit } from '@lanceur/protocols/directory';
import { describe, expect, test } from 'vitest';
import { acceptance, bench, find, list, listed, outside, settleOne, using, type Bench } from './bench.js';
import { apart, interposed, mortal } from './interposed.js';

const refused = reason('DOCUMENT_REFUSED', { name: 'a', job: '87', why: 'not a PDF' });

interface Story {
  readonly unit: Unit;
  readonly id: string;
  readonly files: readonly string[];
}

const STORIES: readonly Story[] = [
  { unit: 'file', id: 'a.pdf', files: ['a.pdf'] },
  { unit: 'file', id: `${'long-'.repeat(45)}.pdf`, files: [`${'long-'.repeat(45)}.pdf`] },
  { unit: 'stem', id: 'a', files: ['a.pdf', 'a.xml', 'a.txt'] },
  { unit: 'entry', id: 'dossier', files: ['dossier/a.pdf', 'dossier/annexes/b.pdf', 'dossier/Thumbs.db'] },
  {
    unit: 'entry',
    id: 'long-'.repeat(45),
    files: [`${'long-'.repeat(45)}/a.pdf`, `${'long-'.repeat(45)}/b.pdf`],
  },
];

// After one change is before the next, but for what is looked at between them: under Wine there is no time for that.
const WHEN =
  process.platform === 'win32' ? (['before', 'during'] as const) : (['before', 'during', 'after'] as const);

/** Plays a settlement again and again, and lets the process die one change later each time, until it gets through. */
async function everyDeath(
  story: Story,
  make: (
    b: Bench,
    n: number,
  ) => Promise<{ readonly options: Partial<DirectoryOptions>; readonly end: Settlement['end'] }>,
  verify: (b: Bench, ref: ItemRef, settlement: Settlement) => Promise<void>,
): Promise<void> {
  const b = await bench({ unit: story.unit });
  for (const when of WHEN) {
    for (let n = 0; ; n++) {
      await b.clear();
      for (const file of [...story.files, 'other.doc']) await b.write(file);
      const { options, end } = await make(b, n);
      const settlement = await using(b.listener(options), async (session) => {
        const accepted = await acceptance(session, find(await listed(session), story.id));
        return { ...accepted, end, ...(end !== 'accept' && { reason: refused }) };
      });
      const doomed = mortal(n, when, options.fs);
      await using(b.listener({ ...options, fs: doomed.fs }), (s) => s.settle([settlement])).catch(
        () => undefined,
      );
      const refs = (await list(b.listener(options))).filter((r) => r.id !== 'other.doc' && r.id !== 'other');
      for (const ref of refs) {
        expect([ref.id, ref.version], `killed ${when} change ${String(n)}`).toEqual([
          story.id,
          settlement.ref.version,
        ]);
      }
      await verify(b, settlement.ref, settlement);
      if (!doomed.died()) {
        if (when !== 'during') expect(n, 'nothing was changed at all').toBeGreaterThan(0);
        break;
      }
      expect(n).toBeLessThan(60);
    }
  }
}

test.each(STORIES)(
  'a process that dies while it puts back what was rejected leaves that to the next listing ($unit, $files.length files)',
  async (story) => {
    const b = await bench({ unit: story.unit });
    for (const when of ['before', 'after'] as const) {
      for (let n = 0, died = true; died; n++) {
        await b.clear();
        for (const file of story.files) await b.write(file);
        const ref = await using(b.listener(), async (session) => {
          const accepted = await acceptance(session, find(await listed(session), story.id));
          await settleOne(session, { ...accepted, end: 'reject', reason: refused });
          return accepted.ref;
        });
        const doomed = mortal(n, when);
        await using(b.listener({ fs: doomed.fs }), async (s) => await s.restore?.([ref])).catch(
          () => undefined,
        );
        died = doomed.died();
        await using(b.listener(), async (s) => await s.restore?.([ref]));
        const where = `killed ${when} change ${String(n)}`;
        expect(
          (await list(b.listener())).map(({ id, version, notReady }) => [id, version, notReady]),
          where,
        ).toEqual([[ref.id, ref.version, undefined]]);
        expect(Object.keys(await b.tree()).sort(), where).toEqual([...story.files].sort());
        expect(n).toBeLessThan(60);
      }
    }
  },
);

test('what somebody else writes into the folder of what is being put back moves nothing, and stops no listing', async () => {
  const b = await bench();
  await b.write('a.pdf');
  await b.write('.lanceur/elsewhere/secret.pdf');
  const note = (id: string) =>
    JSON.stringify({ end: 'reject', item: { id, version: '1-1', name: 'x' }, message: { en: '', fr: '' } });
  await b.write('.lanceur/elsewhere/secret.pdf.reason.json', note('secret.pdf'));
  await b.write('.lanceur/rejected/out.pdf');
  await b.write('.lanceur/rejected/out.pdf.reason.json', note('../out.pdf'));
  const hostile = [
    JSON.stringify(['../elsewhere/secret.pdf.reason.json', '..\\elsewhere\\secret.pdf.reason.json']),
    JSON.stringify([
      { note: b.at('.lanceur', 'elsewhere', 'secret.pdf.reason.json'), ref: { id: 'secret.pdf' } },
    ]),
    JSON.stringify(['out.pdf.reason.json', 'nothing.reason.json', 7, null]),
    '{"length": 1}',
    'null',
    'not JSON',
  ];
  for (const [n, content] of hostile.entries())
    await b.write(`.lanceur/restoring/${String(n)}.json`, content);
  await b.write('.lanceur/restoring/a folder.json/x');
  const before = Object.keys(await b.tree()).filter((name) => !/restoring.\d/u.test(name));
  expect((await list(b.listener())).map(({ id }) => id)).toEqual(['a.pdf']);
  expect(Object.keys(await b.tree()).sort()).toEqual(before.sort());
});

describe.each(STORIES)('a process that dies while it settles ($unit, $files.length files)', (story) => {
  const contents = Object.fromEntries(story.files.map((f) => [f, f]));

  test('never makes an accepted item look like another one, and the next process completes its deletion', async () => {
    await everyDeath(
      story,
      () => Promise.resolve({ options: { after: remove() }, end: 'accept' }),
      async (b, _ref, settlement) => {
        const { how } = await using(b.listener(), (s) => settleOne(s, settlement));
        expect(['removed', 'gone']).toContain(how);
        expect(await b.tree()).toEqual({ 'other.doc': 'other.doc' });
      },
    );
  });

  test('loses nothing of what is to be moved', async () => {
    await everyDeath(
      story,
      (b) => Promise.resolve({ options: { after: moveTo(b.beside) }, end: 'accept' }),
      async (b, _ref, settlement) => {
        await using(b.listener({ after: moveTo(b.beside) }), (s) => settleOne(s, settlement));
        expect(await b.tree(b.beside)).toEqual(contents);
        expect(await b.tree()).toEqual({ 'other.doc': 'other.doc' });
      },
    );
  });

  test('leaves one whole copy, and nothing else, of what is to be moved to another volume', async () => {
    await everyDeath(
      story,
      (b) => Promise.resolve({ options: { after: moveTo(b.beside), fs: apart(b) }, end: 'accept' }),
      async (b, _ref, settlement) => {
        await using(b.listener({ after: moveTo(b.beside), fs: apart(b) }), (s) => settleOne(s, settlement));
        expect(await b.tree(b.beside)).toEqual(contents);
        expect(await b.tree()).toEqual({ 'other.doc': 'other.doc' });
      },
    );
  });

  test('leaves a rejected item in the source or in quarantine with its reason, and it can be put back', async () => {
    await everyDeath(
      story,
      () => Promise.resolve({ options: {}, end: 'reject' }),
      async (b, ref, settlement) => {
        const { how } = await using(b.listener(), (s) => settleOne(s, settlement));
        expect(how).toBe('removed');
        expect(outside(await b.tree())).toEqual({ 'other.doc': 'other.doc' });
        const notes = Object.keys(await b.tree()).filter((f) => f.endsWith('.reason.json'));
        expect(notes).toHaveLength(1);
        expect(await using(b.listener(), (s) => s.restore?.([ref]) ?? Promise.resolve([]))).toEqual([ref]);
        expect(outside(await b.tree())).toEqual({ ...contents, 'other.doc': 'other.doc' });
        expect(find(await list(b.listener()), story.id).version).toBe(ref.version);
      },
    );
  });

  test('leaves what a lost ledger would need: the item can be opened where it is', async () => {
    await everyDeath(
      story,
      () => Promise.resolve({ options: {}, end: 'accept' }),
      async (b, ref) => {
        const before = await list(b.listener());
        if (!before.some((r) => r.id === ref.id)) return;
        await using(b.listener(), async (session) => {
          // Once its deletion has begun it was accepted, and must not be read as if it were whole.
          const opened = await acceptance(session, ref).catch((error: unknown) => error);
          if (opened instanceof Error) expect(opened).toMatchObject({ code: 'GONE' });
          else
            expect(opened).toMatchObject({
              sent: story.files.filter((f) => !f.endsWith('.db')).map(() => ({})),
            });
        });
      },
    );
  });
});

test('a done-file leaves with its item, whenever the process dies', async () => {
  await everyDeath(
    { unit: 'file', id: 'a.pdf', files: ['a.pdf'] },
    async (b) => {
      await b.write('a.pdf.ok');
      return { options: { complete: doneFile('{name}.ok') }, end: 'accept' };
    },
    async (b, _ref, settlement) => {
      await using(b.listener({ complete: doneFile('{name}.ok') }), (s) => settleOne(s, settlement));
      expect(Object.keys(await b.tree()).filter((f) => f !== 'other.doc')).toEqual([]);
    },
  );
});

/** The process dies when it has captured an item, and is about to take it away. */
async function captureAndDie(b: Bench, settlement: Settlement): Promise<void> {
  const fs = interposed({
    before(name) {
      if (name === 'remove') throw new Error('the process is dead');
    },
  });
  await using(b.listener({ fs }), (s) => s.settle([settlement]));
}

test('an item that was captured and then rewritten through an open handle goes back, and is listed anew', async () => {
  const b = await bench();
  await b.write('a.pdf', 'before');
  const settlement = await using(b.listener(), async (s) => acceptance(s, find(await listed(s), 'a.pdf')));
  await captureAndDie(b, settlement);
  const [captured] = Object.keys(await b.tree()).filter((f) => f.startsWith('.lanceur/taken/'));
  expect(captured).toBeDefined();
  await writeFile(b.at(captured ?? ''), 'rewritten');
  await b.write('a.pdf', 'the next one');

  expect(await using(b.listener(), (s) => settleOne(s, settlement))).toMatchObject({ how: 'changed' });
  expect(await b.tree()).toEqual({ 'a.pdf': 'the next one', 'a (2).pdf': 'rewritten' });
});

test('one that was rewritten and of which the ledger knows nothing goes back as well, instead of being stuck', async () => {
  const b = await bench();
  await b.write('a.pdf', 'before');
  const settlement = await using(b.listener(), async (s) => acceptance(s, find(await listed(s), 'a.pdf')));
  await captureAndDie(b, settlement);
  const [captured = ''] = Object.keys(await b.tree());
  await writeFile(b.at(captured), 'rewritten');
  await expect(using(b.listener(), (s) => s.open(settlement.ref))).rejects.toMatchObject({ code: 'CHANGED' });
  expect(await b.tree()).toEqual({ 'a.pdf': 'rewritten' });
});

test('a document of the same name that comes while the first one is captured is an item of its own', async () => {
  const b = await bench();
  await b.write('a.pdf', 'first');
  const settlement = await using(b.listener(), async (s) => acceptance(s, find(await listed(s), 'a.pdf')));
  await captureAndDie(b, settlement);
  await b.write('a.pdf', 'the second');
  const refs = await list(b.listener());
  expect(refs.map((r) => r.id)).toEqual(['a.pdf', 'a.pdf']);
  expect(new Set(refs.map((r) => r.version)).size).toBe(2);
  await using(b.listener(), (s) => settleOne(s, settlement));
  expect(await b.tree()).toEqual({ 'a.pdf': 'the second' });
});

test('an item that is put back is linked, so that even a crash between the two steps doubles nothing', async () => {
  const b = await bench();
  await b.write('a.pdf', 'before');
  const settlement = await using(b.listener(), async (s) => acceptance(s, find(await listed(s), 'a.pdf')));
  await captureAndDie(b, settlement);
  const [captured = ''] = Object.keys(await b.tree());
  await writeFile(b.at(captured), 'rewritten');
  // Linked, and dead before the first of the two names is taken away.
  await captureAndDie(b, settlement);
  expect(Object.keys(await b.tree())).toHaveLength(2);
  await using(b.listener(), (s) => settleOne(s, settlement));
  expect(await b.tree()).toEqual({ 'a.pdf': 'rewritten' });
});

test('names are decoded as they were encoded', async () => {
  const b = await bench();
  const names = ['é ~ %41.pdf', "l'arrêté (1).pdf", 'a..b. .pdf', '日本.pdf'];
  for (const name of names) await b.write(name);
  const settlements = await using(b.listener(), async (s) => {
    const all: Settlement[] = [];
    for (const ref of await listed(s)) all.push(await acceptance(s, ref));
    return all;
  });
  for (const settlement of settlements) await captureAndDie(b, settlement);
  expect(outside(await b.tree())).toEqual({});
  expect((await list(b.listener())).map((r) => r.id)).toEqual([...names].sort());
});
