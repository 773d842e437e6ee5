import type { LauncherState, RunSummary } from '@lanceur/core/service';
import { table } from '../demo/table.js';

/** What the table shows of a launcher. */
export interface Shown {
  readonly title: string;
  readonly state: LauncherState;
  /** Of a run that takes long. */
  readonly progress?: string;
}

const HEADINGS = ['launcher', 'is', 'last run', 'taken', 'rejected', 'left', 'next run', 'why'];

/** The live table, as text: a row a launcher, and a bar for each run that takes long. */
export function tableOf(launchers: readonly Shown[], now: number, width: number): string {
  const rows = launchers.map(({ title, state }) => [title, ...cellsOf(state, now)]);
  const bars = launchers
    .filter(({ progress }) => progress !== undefined)
    .map(({ title, progress = '' }) => `${title}: ${progress}`);
  return [table(HEADINGS, rows, width), ...bars].join('\n');
}

function cellsOf(state: LauncherState, now: number): readonly string[] {
  const { lastRun, nextRunAt, runningSince } = state;
  const since = runningSince === undefined ? '' : ` ${String(Math.round((now - runningSince) / 1000))} s`;
  return [
    `${state.is}${since}`,
    lastRun === undefined ? '' : time(lastRun.endedAt, now),
    lastRun === undefined ? '' : String(lastRun.taken),
    lastRun === undefined ? '' : String(lastRun.rejected),
    lastRun === undefined ? '' : String(leftIn(lastRun)),
    nextRunAt === undefined ? '' : time(nextRunAt, now),
    whyOf(state),
  ];
}

/** What an operator has to know first. */
function whyOf({ stalled, lastRun, silent, reloadFailed, notSettled }: LauncherState): string {
  const first = stalled ?? lastRun?.failure ?? silent ?? reloadFailed;
  if (first !== undefined) return first.message;
  if (notSettled !== undefined)
    return `${String(notSettled.count)} not settled: ${notSettled.reason.message}`;
  return lastRun === undefined ? '' : leftBecause(lastRun, 3);
}

function leftIn({ left }: RunSummary): number {
  return left.reduce((sum, { count }) => sum + count, 0);
}

/** `14:00:15`; with its date if that is another day. */
function time(at: number, now: number): string {
  const [date, clock] = local(at);
  return date === local(now)[0] ? clock : `${date} ${clock}`;
}

/** As the clock on this machine's wall shows it. */
function local(at: number): readonly [date: string, clock: string] {
  const [date = '', clock = ''] = new Date(at).toLocaleString('sv-SE').split(' ');
  return [date, clock];
}

/** `budget.xlsx and 2 more: no job takes .xlsx`: each reason, with one of those that it keeps, the most frequent first. */
export function leftBecause({ left }: RunSummary, most = Infinity): string {
  return left
    .slice(0, most)
    .map(({ code, count, example }) =>
      example === undefined
        ? `${String(count)} ${code}`
        : `${example.name}${count > 1 ? ` and ${String(count - 1)} more` : ''}: ${example.reason.message}`,
    )
    .join('; ');
}
