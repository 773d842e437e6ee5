// What an operator reads where a ledger cannot be opened: our words, not a driver's.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inFrench, type LanceurError } from '@lanceur/core';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { ledgerError } from '../../../packages/core/dist/ledger/sqlite/failure.js';
import { temporaryFolder } from './bench.js';

test('a file that never was a ledger is said to be none', async () => {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'passwd');
  await writeFile(path, 'root:x:0:0:root:/root:/bin/sh\n'.repeat(200));
  const error: unknown = await sqliteLedger({ path }).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'LEDGER_CORRUPT' });
  await folder.remove();
  const { reason } = error as LanceurError;
  expect(reason.message).toMatch(/: it is no ledger: another file has its name, or its beginning/u);
  expect(inFrench(reason)).toContain('ce n’est pas un registre');
});

test.each([
  ['ConnectionFailed("Unable to open connection to local database /srv/l.db: 14")', 'it cannot be opened'],
  ['SQLITE_READONLY', 'it may only be read'],
])('where it cannot be written, %s is not what is said', (message, why) => {
  const raw = Object.assign(new Error(message), message.startsWith('SQLITE_') && { code: message });
  const error = ledgerError(raw, '/srv/l.db');
  expect(error.reason.message).toBe(`the ledger /srv/l.db cannot be written: ${why}`);
  expect(error.cause).toBe(raw);
});
