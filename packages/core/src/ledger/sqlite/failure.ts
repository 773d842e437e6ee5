import { LanceurError, messageOf } from '../../errors.js';

// https://www.sqlite.org/rescode.html
const PRIMARY: Readonly<Record<number, string>> = {
  3: 'PERM',
  5: 'BUSY',
  6: 'LOCKED',
  8: 'READONLY',
  10: 'IOERR',
  11: 'CORRUPT',
  13: 'FULL',
  14: 'CANTOPEN',
  15: 'PROTOCOL',
  26: 'NOTADB',
};

// A header that is not SQLite's: nobody can tell what stood there before.
const NO_LEDGER = 'it is no ledger: another file has its name, or its beginning has been overwritten';

/** Whether another connection holds a lock that it will let go. */
export function isBusy(error: unknown): boolean {
  return ['BUSY', 'LOCKED', 'PROTOCOL'].includes(primaryCode(error) ?? '');
}

/** What a driver threw, as an error that tells an operator what to do. */
export function ledgerError(error: unknown, path: string): LanceurError {
  if (LanceurError.is(error)) return error;
  const why = messageOf(error);
  const options = { cause: error };
  switch (primaryCode(error)) {
    case 'FULL':
      return new LanceurError('LEDGER_FULL', { path }, options);
    case 'CORRUPT':
      return new LanceurError('LEDGER_CORRUPT', { path, why }, options);
    case 'NOTADB':
      return new LanceurError('LEDGER_CORRUPT', { path, why: NO_LEDGER }, options);
    case 'READONLY':
      return new LanceurError('LEDGER_DENIED', { path, why: 'it may only be read' }, options);
    case 'PERM':
    case 'CANTOPEN':
      return new LanceurError('LEDGER_DENIED', { path, why: 'it cannot be opened' }, options);
    default:
      return new LanceurError('LEDGER_FAILED', { path, why }, options);
  }
}

/** Without the extension: `IOERR` for `SQLITE_IOERR_WRITE`. Each driver has its own way to say it. */
function primaryCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // libsql, for extended codes that it has no name for: SQLITE_READONLY_DIRECTORY is UNKNOWN_SQLITE_ERROR_1544.
  if ('rawCode' in error && typeof error.rawCode === 'number') {
    const primary = PRIMARY[error.rawCode & 0xff];
    if (primary !== undefined) return primary;
  }
  if ('code' in error && typeof error.code === 'string' && error.code.startsWith('SQLITE_')) {
    return error.code.split('_')[1];
  }
  if ('errcode' in error && typeof error.errcode === 'number') return PRIMARY[error.errcode & 0xff];
  // libsql, when it opens: ConnectionFailed("Unable to open connection to local database …: 14")
  const opening = /^ConnectionFailed\(.*: (\d+)"\)$/su.exec(error.message);
  return opening === null ? undefined : PRIMARY[Number(opening[1]) & 0xff];
}
