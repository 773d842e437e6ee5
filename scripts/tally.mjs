// Counts tests, so that nothing that went wrong looks like "none failed".
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {{ readonly passed: number, readonly failed: number, readonly skipped: number }} Tally */

/**
 * What a run of vitest came to. Never "nothing failed" where vitest says otherwise: a file that could not be loaded, an
 * error outside any test, a run that ended early and a run without any test count as one failure each.
 *
 * @param {string} report - path of vitest's JSON report
 * @param {number} exitCode - vitest's
 * @returns {Tally}
 */
export function tallyOfRun(report, exitCode) {
  const counted = existsSync(report) ? tallyOfReport(JSON.parse(readFileSync(report, 'utf8'))) : NONE;
  const nothingRan = counted.passed + counted.failed + counted.skipped === 0;
  const unexplained = counted.failed === 0 && (exitCode !== 0 || nothingRan);
  return { ...counted, failed: counted.failed + (unexplained ? 1 : 0) };
}

/**
 * @typedef {{ readonly status: string, readonly fullName: string }} Test
 * @typedef {{ readonly status: string, readonly assertionResults: readonly Test[] }} File
 *
 * @param {{ readonly testResults: readonly File[] }} report
 * @returns {Tally}
 */
export function tallyOfReport({ testResults }) {
  const tests = testResults.flatMap((file) => file.assertionResults);
  const broken = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  const passed = tests.filter((test) => test.status === 'passed').length;
  const failed = tests.filter((test) => test.status === 'failed').length;
  return { passed, failed: failed + broken, skipped: tests.length - passed - failed };
}

/**
 * The tests that were left out, by name.
 *
 * @param {string} report - path of vitest's JSON report
 * @returns {readonly string[]}
 */
export function namesOfSkipped(report) {
  if (!existsSync(report)) return [];
  /** @type {{ readonly testResults: readonly File[] }} */
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  return testResults
    .flatMap((file) => file.assertionResults)
    .filter(({ status }) => status !== 'passed' && status !== 'failed')
    .map(({ fullName }) => fullName);
}

/** @type {Tally} */
const NONE = { passed: 0, failed: 0, skipped: 0 };

/**
 * @param {string} folder
 * @param {number} more - failures that no tally holds
 * @returns {Tally}
 */
export function tallyOfFolder(folder, more = 0) {
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  const tallies = files.map(
    (name) => /** @type {Tally} */ (JSON.parse(readFileSync(join(folder, name), 'utf8'))),
  );
  return sumOf([...tallies, { ...NONE, failed: more }]);
}

/**
 * @param {readonly Tally[]} tallies
 * @returns {Tally}
 */
export function sumOf(tallies) {
  return tallies.reduce(
    (sum, next) => ({
      passed: sum.passed + next.passed,
      failed: sum.failed + next.failed,
      skipped: sum.skipped + next.skipped,
    }),
    NONE,
  );
}
