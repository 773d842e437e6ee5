import { afterAll, expect, test } from 'vitest';
import { leftBehind, wrongAtLast, wrongNow } from './auditor.js';
import type { Guard } from './broken.mjs';
import { certain, type SetUp } from './set-ups.js';
import type { Instant } from './steps.mjs';
import { Watcher } from './watcher.js';
import { World, type View } from './world.js';

// Without these, a watcher that sees nothing and an auditor that counts nothing would let every crash pass.

const watcher = new Watcher();
const [removed] = certain;
const withManifest = certain.find(({ manifest }) => manifest);
const receipt = 'ledger write submitted+ended';
const beforeReceipt: Instant = { when: 'before', step: receipt, nth: 1 };
const afterLooking: Instant = { when: 'after', step: 'find', nth: 1 };

afterAll(() => {
  watcher.end();
});

test.each<readonly [guard: Guard, setUp: SetUp | undefined, deaths: readonly Instant[], complaint: RegExp]>([
  ['placed in one step', removed, [], /is not whole/u],
  ['placed before its manifest', withManifest, [], /\.json was there before document \(2\)\.pdf/u],
  ['nothing replaced', removed, [], /scan\.pdf has changed under its name/u],
  ['whole', removed, [], /plan\.pdf is not whole/u],
  ['settled once it is placed', removed, [], /1\/scan\.pdf is lost/u],
  ['looked for after a crash', removed, [beforeReceipt], /is 2 times in sent, not once/u],
  [
    'evidence kept until the ledger knows',
    removed,
    [beforeReceipt, afterLooking],
    /is 2 times in sent, not once/u,
  ],
  ['evidence taken away', removed, [], /in staging is .+, of 0 that are in doubt/u],
])(
  'a launcher that does not keep to "%s" is found out',
  { timeout: 120_000 },
  async (guard, setUp, deaths, complaint) => {
    const world = await World.create(setUp!, watcher);
    try {
      const put = await world.put();
      for (const death of deaths) expect(await world.start({ guard, death }).ended).toBe('killed');
      const life = await world.start({ guard }).ended;
      const problems = [...wrongNow(put, await world.look())];
      // Some of them kill themselves where they are at their worst.
      if (life === 'killed') await world.start().ended;
      const view = await world.look();
      problems.push(...wrongAtLast(setUp!, put, view), ...leftBehind(put, view));
      expect(problems.join('\n')).toMatch(complaint);
    } finally {
      await world.dispose();
    }
  },
);

test('the auditor sees each thing that is not as it should be', { timeout: 120_000 }, async () => {
  const world = await World.create(removed!, watcher);
  try {
    const put = await world.put();
    await world.start().ended;
    const view = await world.look();
    const wrong = (seen: View) => [...wrongAtLast(removed!, put, seen), ...leftBehind(put, seen)];
    expect(wrong(view)).toEqual([]);

    const [first, ...others] = view.ledger;
    const cases: readonly (readonly [falsified: Partial<View>, complaint: RegExp])[] = [
      [{ seen: ['it was taken back'] }, /it was taken back/u],
      [{ broken: ['gros.pdf'] }, /gros\.pdf is not whole/u],
      [{ unfinished: ['a.part'] }, /a\.part was left behind/u],
      [{ staged: ['a'] }, /in staging is a/u],
      [{ sent: view.sent.slice(1) }, /is lost/u],
      [{ sent: [...view.sent, ...view.sent] }, /1\/plan\.pdf is 2 times in sent, not once/u],
      [{ manifests: ['a', 'a'] }, /manifests came twice/u],
      [{ listed: ['1/scan.pdf'] }, /1\/scan\.pdf is once in listed, not 0 times/u],
      [{ between: ['1/scan.pdf'] }, /1\/scan\.pdf is once in between, not 0 times/u],
      [{ treated: ['1/scan.pdf'] }, /1\/scan\.pdf is once in treated, not 0 times/u],
      [{ aside: ['1/scan.pdf'] }, /1\/scan\.pdf is once in aside, not 0 times/u],
      [{ rejected: [] }, /1\/gros\.pdf is lost/u],
      [{ sent: [], treated: view.sent }, /is treated, and was not sent/u],
      [{ ledger: [] }, /the ledger has 1\/scan\.pdf 0 times/u],
      [{ ledger: [...view.ledger, ...view.ledger] }, /the ledger has 1\/scan\.pdf 2 times/u],
      [{ ledger: [{ ...first!, state: 'ended' }, ...others] }, /the ledger has .+ as ended/u],
      [{ ledger: view.ledger.map((item) => ({ ...item, end: 'aside' as const })) }, /1\/scan\.pdf as aside/u],
      [{ check: 'row 1 missing from index' }, /the ledger's file is damaged/u],
    ];
    for (const [falsified, complaint] of cases) {
      expect(wrong({ ...view, ...falsified }).join('\n')).toMatch(complaint);
    }
  } finally {
    await world.dispose();
  }
});
