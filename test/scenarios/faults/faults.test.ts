// Each row of the matrix, done to the whole chain on real folders.
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { whatToDo, type LanceurError, type Reason } from '@lanceur/core';
import { expect, onTestFinished, test } from 'vitest';
import { Chain, contentOf, type Polled } from './chain.js';
import type { Fault, Seen } from './fault.js';
import { FAULTS } from './rows.js';

/** What a process that fills a waiting directory holds on to in staging while it lives. */
const OF_THE_LIVING = '.run';

for (const fault of FAULTS) {
  const when = fault.when === undefined ? '' : `, ${fault.when}`;
  test(`the ${fault.place} ${fault.fault}${when}`, async ({ skip }) => {
    if (fault.needs?.every((isThere) => isThere()) === false) skip();
    await suffer(fault);
  });
}

async function suffer(fault: Fault): Promise<void> {
  const chain = await Chain.build(fault.chain);
  onTestFinished(() => chain.remove());
  await chain.put('before.pdf');
  await chain.drain();
  await chain.put('1.pdf', '2.pdf', '3.pdf');

  await pollUnder(fault, chain);
  await fault.during?.(chain);
  await fault.end(chain);
  await expectMeanwhile(fault, chain);

  const expected = await orderExpected(chain);
  const before = chain.submitted.length;
  await chain.drain();
  expect(chain.submitted.slice(before)).toEqual(expected);
  await expectAllOnce(chain);
}

/**
 * As the source lists them. Those that were begun come last, so that one that fails again and again cannot hold up the
 * others.
 */
async function orderExpected(chain: Chain): Promise<readonly string[]> {
  const records = new Map((await chain.records()).map((record) => [record.name, record]));
  const left = (await chain.inSource()).filter((name) => {
    const sent = records.get(name)?.submissions?.every(({ state }) => state === 'submitted');
    return sent !== true;
  });
  return [...left.filter((name) => !records.has(name)), ...left.filter((name) => records.has(name))];
}

/** One poll under the fault, and what an operator sees of it. */
async function pollUnder(fault: Fault, chain: Chain): Promise<void> {
  if (fault.when === undefined || fault.when === 'before a poll') await fault.begin(chain);
  else {
    chain.whenPlaced = async () => {
      chain.whenPlaced = undefined;
      await fault.begin(chain);
    };
  }
  const { sees } = fault;
  if (sees?.where === 'not started') {
    await expect(chain.restart()).rejects.toSatisfy((error) => isSaid(error as LanceurError, sees));
    return;
  }
  const polled = await chain.poll();
  expect(polled.threw?.message).toEqual(sees?.where === 'thrown' ? expect.any(String) : undefined);
  if (sees === undefined) expect(polled.report?.left).toEqual([]);
  else expectSeen(polled, sees, chain);
}

function expectSeen(polled: Polled, sees: Seen, chain: Chain): void {
  const { report, threw } = polled;
  if (sees.where === 'thrown') {
    expect(threw).toSatisfy((error) => isSaid(error as LanceurError, sees));
    expect(chain.launcher.health().lastFailure?.code).toBe(sees.code);
    return;
  }
  const reasons = (report?.left ?? []).map((left) => left.reason);
  const said = reasons.filter((why) => why.code !== 'CIRCUIT_OPEN');
  if (sees.where === 'not settled') expect(report?.counts.notSettled).toBe(said.length);
  expect(said.length).toBeGreaterThan(0);
  for (const why of said) expectSaid(why, sees);
  if (sees.code.startsWith('TARGET_')) expectSaid(chain.launcher.health().circuits[0]?.reason, sees);
}

/** An error says what to do as well. */
function isSaid(error: LanceurError, sees: Seen): boolean {
  expectSaid(error.reason, sees);
  const todo = whatToDo(sees.code);
  expect(todo, `${sees.code} does not say what to do`).toBeDefined();
  expect(error.message).toBe(`${error.reason.message}. ${todo ?? ''}`);
  return true;
}

function expectSaid(why: Reason | undefined, { code, says }: Seen): void {
  const literal = says.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`));
  expect(why).toMatchObject({
    code,
    message: expect.stringMatching(new RegExp(`^${literal.join('.+')}$`, 'su')),
  });
}

async function expectMeanwhile({ meanwhile }: Fault, chain: Chain): Promise<void> {
  const placed = Object.keys(await chain.inTarget()).filter((name) => name !== 'before.pdf').length;
  const left = (await chain.waiting()).length;
  const all = chain.expected.length - 1;
  switch (meanwhile) {
    case 'wait':
      expect({ placed, left }).toEqual({ placed: 0, left: all });
      break;
    case 'placed':
      expect({ placed, left }).toEqual({ placed: 1, left: all });
      break;
    case 'some':
      expect(placed).toBeGreaterThan(0);
      expect(left).toBe(all - placed);
      break;
    case 'settle late':
      expect({ placed, left }).toEqual({ placed: all, left: all });
      break;
    case 'go on':
      expect({ placed, left }).toEqual({ placed: all, left: 0 });
  }
}

/** Every document is in the COLD, once and whole; nothing else is there, and nothing is left lying about. */
async function expectAllOnce(chain: Chain): Promise<void> {
  const names = [...chain.expected].sort();
  const documents = Object.fromEntries(names.map((name) => [name, contentOf(name)]));
  expect(await chain.inTarget()).toEqual(documents);
  expect(await chain.inArchive()).toEqual(chain.keeps ? documents : {});
  const records = await chain.records();
  expect(records.filter(({ state, end }) => state !== 'settled' || end !== 'accept')).toEqual([]);
  for (const folder of [join(dirname(chain.target), '.lanceur-staging'), join(chain.source, '.lanceur')]) {
    expect(await filesIn(folder)).toEqual([]);
  }
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => name !== OF_THE_LIVING);
}
