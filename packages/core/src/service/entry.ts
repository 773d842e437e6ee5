import { LanceurError } from '../errors.js';
import type { Health } from '../launcher/health.js';
import type { StopOptions } from '../launcher/launcher.js';
import type { RunReport } from '../launcher/report.js';
import type { Schedule } from '../schedule/schedule.js';
import { refuseUnknownOptions } from '../unknown-options.js';

/** What a service needs of a launcher: a `Launcher`, or something around one. */
export interface ServedLauncher {
  readonly id: string;
  run(stop: StopOptions): Promise<RunReport>;
  health(): Health;
  close(): Promise<void>;
  /** Calls `wake` when its source may hold something; absent where the source cannot tell. */
  watch?(wake: () => void): AsyncDisposable;
  /** By it the service sees that a long run gets on. */
  on?(event: 'submitted' | 'failed' | 'ended', handler: () => unknown): unknown;
}

/** A launcher in a service. */
export interface ServiceEntry {
  /** From now on the service's: it runs it, and closes it. The ledger stays its owner's to close. */
  readonly launcher: ServedLauncher;
  /** When it runs: `schedule(rows, { timeZone })`. */
  readonly schedule: Pick<Schedule, 'next'>;
  /**
   * The source usually brings something: after so many days without anything, the service says so (event `silent`).
   * Counted in whole days of 24 hours, week-ends included. Default: it may be silent.
   */
  readonly silentAfterDays?: number;
  /**
   * While it is started, it also runs whenever its source says that it may hold something, whatever the schedule says.
   * Default false.
   */
  readonly watch?: boolean;
}

/** @throws LanceurError `INVALID_OPTION` or `UNKNOWN_OPTION`. */
export function checkEntry(entry: ServiceEntry, id?: string): void {
  refuseUnknownOptions('a launcher of the service', entry, [
    'launcher',
    'schedule',
    'silentAfterDays',
    'watch',
  ]);
  const { launcher, schedule, silentAfterDays, watch = false } = entry as Partial<ServiceEntry>;
  if (typeof launcher?.run !== 'function' || typeof launcher.id !== 'string')
    throw invalid('launcher', 'a Launcher', launcher);
  if (id !== undefined && launcher.id !== id)
    throw invalid('launcher.id', `${id}, the id of the launcher whose place it takes`, launcher.id);
  if (typeof schedule?.next !== 'function')
    throw invalid('schedule', 'a Schedule: schedule(rows, { timeZone })', schedule);
  if (silentAfterDays !== undefined && !(silentAfterDays >= 1))
    throw invalid('silentAfterDays', 'a number of days from 1 up', silentAfterDays);
  if (typeof watch !== 'boolean') throw invalid('watch', 'true or false', watch);
  if (watch && launcher.watch === undefined)
    throw invalid('watch', 'false: the source of this launcher cannot be watched', 'true');
}

function invalid(option: string, expected: string, found: unknown): LanceurError {
  const shown = typeof found === 'string' || typeof found === 'number' ? found : typeof found;
  return new LanceurError('INVALID_OPTION', { option, expected, found: shown });
}
