import type { Fault } from './fault.js';
import { ARCHIVE_FAULTS } from './rows/archive.js';
import { CLOCK_FAULTS } from './rows/clock.js';
import { LEDGER_FAULTS } from './rows/ledger.js';
import { PROCESS_FAULTS } from './rows/process.js';
import { SOURCE_FAULTS } from './rows/source.js';
import { TARGET_FAULTS } from './rows/target.js';

/** The matrix: each row is a test, and a row of docs/faults.md. */
export const FAULTS: readonly Fault[] = [
  ...TARGET_FAULTS,
  ...SOURCE_FAULTS,
  ...ARCHIVE_FAULTS,
  ...LEDGER_FAULTS,
  ...CLOCK_FAULTS,
  ...PROCESS_FAULTS,
];
