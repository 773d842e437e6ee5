// What the reference host draws on a terminal.
import { setImmediate as turn } from 'node:timers/promises';
import { byExtension, Launcher, memoryLedger, reason, type ColdSubmitter } from '@lanceur/core';
import type { LauncherState } from '@lanceur/core/service';
import { memoryCold, memoryListener } from '@lanceur/core/testing';
import { describe, expect, test } from 'vitest';
import { Progress } from '../../docs/examples/dist/host/progress.js';
import { tableOf } from '../../docs/examples/dist/host/table.js';

const NOW = new Date(2026, 10, 24, 14, 0, 20).getTime();
const at = (hours: number, minutes: number, seconds: number) =>
  new Date(2026, 10, 24, hours, minutes, seconds).getTime();

describe('the table of the host', () => {
  test('shows of each launcher when it ran, what it took, rejected and left, when it runs next, and what is wrong', () => {
    const run = {
      startedAt: at(14, 0, 15),
      endedAt: at(14, 0, 16),
      stopped: false,
      notSettled: 0,
      documents: 4,
      bytes: 9,
    };
    const why = reason('NO_JOB', { kind: '.xlsx' });
    const states: readonly LauncherState[] = [
      {
        id: '16',
        is: 'waiting',
        consecutiveFailures: 0,
        nextRunAt: at(14, 0, 30),
        lastRun: {
          ...run,
          taken: 3,
          rejected: 1,
          left: [{ code: 'NO_JOB', count: 2, example: { name: 'budget.xlsx', reason: why } }],
        },
      },
      {
        id: '17',
        is: 'running',
        consecutiveFailures: 2,
        runningSince: at(14, 0, 8),
        nextRunAt: at(14, 0, 30) + 86_400_000,
        lastRun: {
          ...run,
          taken: 0,
          rejected: 0,
          left: [],
          failure: reason('SOURCE_GONE', { path: 'F:/depots' }),
        },
      },
      { id: '18', is: 'stopped', consecutiveFailures: 0 },
    ];
    const shown = states.map((state) => ({ title: `${state.id} Factures`, state }));
    const lines = tableOf(
      shown.map((one, n) => (n === 1 ? { ...one, progress: '██░ 2 of 3' } : one)),
      NOW,
      140,
    ).split('\n');
    const cells = lines.map((line) => line.split(/ {2,}/u));
    expect(cells[0]).toEqual(['launcher', 'is', 'last run', 'taken', 'rejected', 'left', 'next run', 'why']);
    expect(cells[2]).toEqual([
      '16 Factures',
      'waiting',
      '14:00:16',
      '3',
      '1',
      '2',
      '14:00:30',
      'budget.xlsx and 1 more: no job takes .xlsx',
    ]);
    expect(cells[3]).toEqual([
      '17 Factures',
      'running 12 s',
      '14:00:16',
      '0',
      '0',
      '0',
      '2026-11-25 14:00:30',
      'the source F:/depots is not there',
    ]);
    expect(cells[4]).toEqual(['18 Factures', 'stopped']);
    expect(lines[5]).toBe('17 Factures: ██░ 2 of 3');
  });
});

describe('the bar of a long run', () => {
  /** What it says in the middle of a run: two of four documents are through. */
  async function inTheMiddle(mayCount: boolean): Promise<string> {
    const cold = memoryCold();
    let submissions = 0;
    let said = '';
    const submitter: ColdSubmitter = {
      traits: cold.traits,
      submit: async (group, options) => {
        if (++submissions === 3) {
          said = String(progress);
          for (let n = 0; n < 100; n++) await turn();
          said = String(progress);
        }
        return await cold.submit(group, options);
      },
    };
    const names = ['a.pdf', 'b.pdf', 'c.pdf', 'd.pdf', 'e.xlsx'];
    const launcher = new Launcher({
      id: '16',
      listener: memoryListener({ items: names.map((name) => ({ name })) }),
      grouper: byExtension({ pdf: '87' }),
      submitter,
      ledger: memoryLedger(),
      concurrency: 1,
    });
    const progress = new Progress(launcher, mayCount);
    await launcher.run();
    await launcher.close();
    return said;
  }

  test('says how much of how much has come to an end', async () => {
    expect(await inTheMiddle(true)).toBe(`${'█'.repeat(15)}${'░'.repeat(15)} 2 of 4`);
  });

  test('only counts where the source cannot be listed beside the run', async () => {
    expect(await inTheMiddle(false)).toBe('2 done');
  });
});
