import { readFile } from 'node:fs/promises';
import { byExtension, Launcher, nameFilter, type Ledger, type LauncherOptions } from '@lanceur/core';
import { schedule, type Schedule, type ScheduleRow } from '@lanceur/core/schedule';
import { all, directory, endMarks } from '@lanceur/protocols/directory';
import { imap } from '@lanceur/protocols/imap';
import { pop3 } from '@lanceur/protocols/pop3';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';
import { completeDeposit, envelopes } from '@lanceur/adullact';

interface Secret {
  readonly env: string;
}

export interface Row {
  readonly id: string;
  readonly description?: string;
  readonly protocol: 'directory' | 'imap' | 'pop' | 'adullact';
  readonly origin: string;
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: Secret;
  readonly settleSeconds?: number;
  readonly filter?: string;
  readonly jobs: readonly { readonly extension: string; readonly job: string }[];
  readonly schedules: readonly ScheduleRow[];
  readonly silentDays?: number;
}

/** What the scenario file holds. */
export interface Scenario {
  readonly timeZone: string;
  readonly ledger: string;
  readonly spool: string;
  readonly jobs: Readonly<Record<string, { readonly waitingDirectory: string }>>;
  readonly launchers: readonly Row[];
}

export async function readScenario(file: string): Promise<Scenario> {
  return JSON.parse(await readFile(file, 'utf8')) as Scenario;
}

export function launcherOf(row: Row, scenario: Scenario, ledger: Ledger): Launcher {
  return new Launcher({
    id: row.id,
    ledger,
    spool: scenario.spool,
    filter: nameFilter(row.filter ?? '*.*'),
    grouper: byExtension(Object.fromEntries(row.jobs.map(({ extension, job }) => [extension, job]))),
    submitter: waitingDirectory({
      jobs: Object.fromEntries(
        Object.entries(scenario.jobs).map(([job, { waitingDirectory: path }]) => [job, path]),
      ),
    }),
    ...sourceOf(row, scenario),
  });
}

function sourceOf(row: Row, { spool }: Scenario): Pick<LauncherOptions, 'listener' | 'expand'> {
  const { origin, host = '', port = 0, user = '', password, settleSeconds = 5 } = row;
  const quiet = settleSeconds * 1000;
  const mailbox = {
    host,
    port,
    user,
    password: () => process.env[password?.env ?? ''] ?? '',
    tls: host === '127.0.0.1' ? ('none' as const) : ('implicit' as const),
  };
  switch (row.protocol) {
    case 'directory':
      return { listener: directory({ path: origin, quiet }) };
    case 'adullact':
      return {
        listener: directory({
          path: origin,
          unit: 'entry',
          quiet,
          complete: all(endMarks(), completeDeposit()),
        }),
        expand: envelopes(),
      };
    case 'imap':
      return { listener: imap({ ...mailbox, mailbox: origin }) };
    case 'pop':
      return { listener: pop3({ ...mailbox, spool }) };
  }
}

export function scheduleOf(row: Row, { timeZone }: Scenario): Schedule {
  return schedule(row.schedules, { timeZone });
}
