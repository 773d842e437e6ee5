import { readFile } from 'node:fs/promises';
import {
  byExtension,
  Launcher,
  LanceurError,
  nameFilter,
  type ColdSubmitter,
  type LauncherOptions,
  type Ledger,
} from '@lanceur/core';
import { schedule, type Schedule, type ScheduleRow } from '@lanceur/core/schedule';
import { all, directory, endMarks } from '@lanceur/protocols/directory';
import { ezged } from '@lanceur/protocols/ezged';
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

export interface EzgedServer {
  readonly url: string;
  readonly user: string;
  readonly password: Secret;
  readonly token: Secret;
}

/** What the scenario file holds. */
export interface Scenario {
  readonly timeZone: string;
  readonly ledger: string;
  readonly spool: string;
  /** The waiting directory of each job: its path, or its name at an EzGED elsewhere. */
  readonly jobs: Readonly<Record<string, { readonly waitingDirectory: string; readonly ezged?: string }>>;
  readonly ezged?: Readonly<Record<string, EzgedServer>>;
  readonly launchers: readonly Row[];
}

export async function readScenario(file: string): Promise<Scenario> {
  return JSON.parse(await readFile(file, 'utf8')) as Scenario;
}

/** A submitter that may have something to give back. */
export type Target = ColdSubmitter & { close?(): Promise<void> };

export function launcherOf(row: Row, scenario: Scenario, submitter: Target, ledger: Ledger): Launcher {
  return new Launcher({
    id: row.id,
    ledger,
    spool: scenario.spool,
    filter: nameFilter(row.filter ?? '*.*'),
    grouper: byExtension(Object.fromEntries(row.jobs.map(({ extension, job }) => [extension, job]))),
    submitter,
    ...sourceOf(row, scenario),
  });
}

/** Where the jobs of a row are: all at one EzGED elsewhere, or all on this machine. */
export function targetOf(row: Row, scenario: Scenario): Target {
  const servers = new Set(row.jobs.map(({ job }) => scenario.jobs[job]?.ezged));
  const [name] = servers;
  if (servers.size > 1)
    throw new LanceurError('INVALID_OPTION', {
      option: `launchers[${row.id}].jobs`,
      expected: 'jobs of one target',
      found: [...servers].join(', '),
    });
  const jobs = Object.fromEntries(
    Object.entries(scenario.jobs)
      .filter(([, job]) => job.ezged === name)
      .map(([id, job]) => [id, job.waitingDirectory]),
  );
  if (name === undefined) return waitingDirectory({ jobs });
  const { url = '', user = '', password, token } = scenario.ezged?.[name] ?? {};
  return ezged({ url, user, jobs, password: () => secretOf(password), token: () => secretOf(token) });
}

function secretOf(secret: Secret | undefined): string {
  return process.env[secret?.env ?? ''] ?? '';
}

function sourceOf(row: Row, { spool }: Scenario): Pick<LauncherOptions, 'listener' | 'expand'> {
  const { origin, host = '', port = 0, user = '', password, settleSeconds = 5 } = row;
  const quiet = settleSeconds * 1000;
  const mailbox = {
    host,
    port,
    user,
    password: () => secretOf(password),
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
