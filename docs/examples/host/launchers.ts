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
import type { ScheduleRow } from '@lanceur/core/schedule';
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

/** Where all jobs of a scenario are: on this machine, and at each EzGED elsewhere. */
export interface Targets {
  submitterOf(row: Row): ColdSubmitter;
  /** EzGED's sessions are licensed: they are given back. */
  close(): Promise<void>;
}

export function targetsOf(scenario: Scenario): Targets {
  const jobsAt = (server: string | undefined): Record<string, string> =>
    Object.fromEntries(
      Object.entries(scenario.jobs)
        .filter(([, job]) => job.ezged === server)
        .map(([id, job]) => [id, job.waitingDirectory]),
    );
  const here = waitingDirectory({ jobs: jobsAt(undefined) });
  const elsewhere = new Map(
    Object.entries(scenario.ezged ?? {}).map(([name, { url, user, password, token }]) => [
      name,
      ezged({
        url,
        user,
        jobs: jobsAt(name),
        password: () => secretOf(password),
        token: () => secretOf(token),
      }),
    ]),
  );
  return {
    submitterOf(row) {
      const [server, ...others] = new Set(row.jobs.map(({ job }) => scenario.jobs[job]?.ezged));
      const submitter = server === undefined ? here : elsewhere.get(server);
      if (submitter !== undefined && others.length === 0) return submitter;
      throw new LanceurError('INVALID_OPTION', {
        option: `launchers[${row.id}].jobs`,
        expected: 'jobs of one target',
        found: [server, ...others].join(', '),
      });
    },
    async close() {
      await Promise.all([...elsewhere.values()].map(async (one) => await one.close()));
    },
  };
}

export function launcherOf(row: Row, scenario: Scenario, targets: Targets, ledger: Ledger): Launcher {
  return new Launcher({
    id: row.id,
    ledger,
    spool: scenario.spool,
    filter: nameFilter(row.filter ?? '*.*'),
    grouper: byExtension(Object.fromEntries(row.jobs.map(({ extension, job }) => [extension, job]))),
    submitter: targets.submitterOf(row),
    ...sourceOf(row, scenario),
  });
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
