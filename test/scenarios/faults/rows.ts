import type { Fault } from './fault.js';
import { LEDGER_FAULTS } from './rows/ledger.js';
import { SOURCE_FAULTS } from './rows/source.js';
import { TARGET_FAULTS } from './rows/target.js';

/** The matrix: each row is a test, and a row of docs/faults.md. */
export const FAULTS: readonly Fault[] = [...TARGET_FAULTS, ...SOURCE_FAULTS, ...LEDGER_FAULTS];
