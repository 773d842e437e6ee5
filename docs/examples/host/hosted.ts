import { printable, type Launcher, type Ledger } from '@lanceur/core';
import { schedule, type Schedule } from '@lanceur/core/schedule';
import type { Service, ServiceEntry } from '@lanceur/core/service';
import type { Row, Scenario } from '@lanceur/core/scenario';
import { launcherOf, targetsOf, type Targets } from './scenario.js';
import { Progress } from './progress.js';

/** A launcher of the scenario, ready to run. */
export interface Hosted {
  readonly id: string;
  /** `16 Adullact Chorus`. */
  readonly title: string;
  readonly launcher: Launcher;
  readonly entry: ServiceEntry & { readonly schedule: Schedule };
  readonly progress: Progress;
  /** All of the file that it was made from. */
  readonly from: string;
}

/** The launchers of a scenario, by their ids, and what they share. */
export class AllHosted {
  readonly launchers = new Map<string, Hosted>();
  readonly #ledger: Ledger;
  #targets: Targets;
  #saidOfTargets: string;

  /** @throws LanceurError if one of them cannot be built. */
  constructor(scenario: Scenario, ledger: Ledger) {
    this.#ledger = ledger;
    this.#targets = targetsOf(scenario);
    this.#saidOfTargets = saidOfTargets(scenario);
    for (const row of scenario.launchers) this.#host(row, scenario, this.#targets);
  }

  titleOf(id: string): string {
    return this.launchers.get(id)?.title ?? id;
  }

  /**
   * Does what has changed in the file, launcher by launcher; the ledger stays the one that is open. One that cannot be
   * built goes on as before.
   */
  async reload(scenario: Scenario, service: Service): Promise<void> {
    const before = this.#targets;
    const said = saidOfTargets(scenario);
    if (said !== this.#saidOfTargets) this.#targets = targetsOf(scenario);
    this.#saidOfTargets = said;
    const targets = this.#targets;
    const kept = new Set(scenario.launchers.map(({ id }) => id));
    const gone = [...this.launchers.keys()].filter((id) => !kept.has(id));
    const changed = scenario.launchers.filter(
      (row) => this.launchers.get(row.id)?.from !== saidOf(row, scenario),
    );
    const done = await Promise.allSettled([
      ...gone.map(async (id) => {
        await service.remove(id);
        this.launchers.delete(id);
      }),
      ...changed.map(async (row) => {
        const make = (): ServiceEntry => this.#host(row, scenario, targets).entry;
        if (this.launchers.has(row.id)) await service.reload(row.id, make);
        else service.add(make());
        service.start(row.id);
      }),
    ]);
    if (before !== targets) await before.close();
    for (const one of done) if (one.status === 'rejected') throw one.reason;
  }

  async close(): Promise<void> {
    await this.#targets.close();
  }

  #host(row: Row, scenario: Scenario, targets: Targets): Hosted {
    const { id, description = '', silentDays } = row;
    const launcher = launcherOf(row, scenario, targets, this.#ledger);
    const entry = {
      launcher,
      schedule: schedule(row.schedules, { timeZone: scenario.timeZone }),
      ...(silentDays !== undefined && { silentAfterDays: silentDays }),
      watch: 'watch' in row && row.watch,
    };
    const made = {
      id,
      title: printable(`${id} ${description}`.trim()),
      launcher,
      entry,
      // POP lets in one at a time: its mails cannot be counted beside the run.
      progress: new Progress(launcher, row.protocol !== 'pop'),
      from: saidOf(row, scenario),
    };
    this.launchers.set(id, made);
    return made;
  }
}

/** All that the file says of a launcher, and of what it shares with the others. */
function saidOf(row: Row, scenario: Scenario): string {
  return JSON.stringify({ ...scenario, launchers: [row] });
}

function saidOfTargets({ jobs, ezged }: Scenario): string {
  return JSON.stringify([jobs, ezged]);
}
