import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { namesOfSkipped, tallyOfFolder, tallyOfRun } from '../../scripts/tally.mjs';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lanceur-tally-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function reportOf(
  ...files: readonly { readonly status: string; readonly tests: readonly string[] }[]
): string {
  const path = join(folder, 'report.json');
  const testResults = files.map(({ status, tests }) => ({
    status,
    assertionResults: tests.map((test, n) => ({ status: test, fullName: `${test} ${String(n)}` })),
  }));
  writeFileSync(path, JSON.stringify({ testResults }));
  return path;
}

describe('the tally of a run', () => {
  it('counts what passed, what failed, and all the rest as skipped', () => {
    const report = reportOf(
      { status: 'passed', tests: ['passed', 'passed', 'skipped', 'todo'] },
      { status: 'failed', tests: ['passed', 'failed'] },
    );
    expect(tallyOfRun(report, 1)).toEqual({ passed: 3, failed: 1, skipped: 2 });
    expect(namesOfSkipped(report)).toEqual(['skipped 2', 'todo 3']);
  });

  it('counts a file that could not be loaded as a failure, although it holds no failed test', () => {
    const report = reportOf({ status: 'passed', tests: ['passed'] }, { status: 'failed', tests: [] });
    expect(tallyOfRun(report, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it('counts an error outside any test, which only the exit code tells', () => {
    const report = reportOf({ status: 'passed', tests: ['passed'] });
    expect(tallyOfRun(report, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it('counts a run that left no report as a failure', () => {
    expect(tallyOfRun(join(folder, 'none.json'), 137)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('counts a run without a single test as a failure, whatever its exit code', () => {
    expect(tallyOfRun(reportOf(), 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe('the tally of all runs', () => {
  it('adds them up, with the failures that no run counted', () => {
    writeFileSync(join(folder, 'node-20.json'), JSON.stringify({ passed: 5, failed: 1, skipped: 2 }));
    writeFileSync(join(folder, 'node-24.json'), JSON.stringify({ passed: 3, failed: 0, skipped: 1 }));
    expect(tallyOfFolder(folder, 2)).toEqual({ passed: 8, failed: 3, skipped: 3 });
  });

  it('is empty where nothing ran', () => {
    expect(tallyOfFolder(join(folder, 'none'))).toEqual({ passed: 0, failed: 0, skipped: 0 });
  });
});
