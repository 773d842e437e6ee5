import { readFile } from 'node:fs/promises';
import { adullactProtocol } from '@lanceur/adullact';
import type { ColdSubmitter, Launcher, Ledger } from '@lanceur/core';
import {
  createLauncher,
  createSubmitter,
  parseScenario,
  type Row,
  type Scenario,
} from '@lanceur/core/scenario';
import { directoryProtocol } from '@lanceur/protocols/directory';
import { ezged, type Ezged } from '@lanceur/protocols/ezged';
import { imapProtocol } from '@lanceur/protocols/imap';
import { popProtocol } from '@lanceur/protocols/pop3';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';

/** @throws LanceurError with all that is wrong in the file. */
export async function readScenario(file: string): Promise<Scenario> {
  return parseScenario(await readFile(file, 'utf8'));
}

/** Where all jobs of a scenario are. */
export interface Targets {
  readonly submitter: ColdSubmitter;
  /** EzGED's sessions are licensed: they are given back. */
  close(): Promise<void>;
}

export function targetsOf(scenario: Scenario): Targets {
  const remote: Ezged[] = [];
  const submitter = createSubmitter(scenario, {
    waitingDirectory,
    ezged(options) {
      const one = ezged(options);
      remote.push(one);
      return one;
    },
  });
  return {
    submitter,
    async close() {
      await Promise.all(remote.map(async (one) => await one.close()));
    },
  };
}

export function launcherOf(row: Row, scenario: Scenario, targets: Targets, ledger: Ledger): Launcher {
  const { spool } = scenario;
  return createLauncher(row, {
    protocols: [directoryProtocol, imapProtocol, popProtocol, adullactProtocol],
    submitter: targets.submitter,
    ledger,
    ...(spool !== undefined && { spool }),
  });
}
