import { printable, type Launcher, type Ledger } from '@lanceur/core';
import type { Schedule } from '@lanceur/core/schedule';
import type { ServedLauncher, Service, ServiceEntry } from '@lanceur/core/service';
import { launcherOf, scheduleOf, targetOf, type Row, type Scenario } from './launchers.js';
import { Progress } from './progress.js';

/** A launcher of the scenario, ready to run. */
export interface Hosted {
  readonly id: string;
  /** `16 Adullact Chorus`. */
  readonly title: string;
  readonly launcher: Launcher;
  readonly schedule: Schedule;
  readonly entry: ServiceEntry;
  readonly progress: Progress;
  /** All of the file that it was made from. */
  readonly from: string;
}

export type AllHosted = Map<string, Hosted>;

export function hostAll(scenario: Scenario, ledger: Ledger): AllHosted {
  return new Map(scenario.launchers.map((row) => [row.id, host(row, scenario, ledger)]));
}

function host(row: Row, scenario: Scenario, ledger: Ledger): Hosted {
  const { id, description = '', silentDays } = row;
  const target = targetOf(row, scenario);
  const launcher = launcherOf(row, scenario, target, ledger);
  const served: ServedLauncher = {
    id,
    run: async (stop) => await launcher.run(stop),
    health: () => launcher.health(),
    on: (event, handler) => launcher.on(event, handler),
    // An EzGED's sessions are licensed: they are given back at once.
    async close() {
      await launcher.close();
      await target.close?.();
    },
  };
  const schedule = scheduleOf(row, scenario);
  return {
    id,
    title: printable(`${id} ${description}`.trim()),
    launcher,
    schedule,
    entry: { launcher: served, schedule, ...(silentDays !== undefined && { silentAfterDays: silentDays }) },
    progress: new Progress(launcher, row.protocol !== 'pop'),
    from: sourceOf(row, scenario),
  };
}

function sourceOf(row: Row, scenario: Scenario): string {
  return JSON.stringify({ ...scenario, launchers: [row] });
}

/** Does what has changed in the file, launcher by launcher. One that cannot be built goes on as before, and says so. */
export async function reloadAll(
  scenario: Scenario,
  service: Service,
  hosted: AllHosted,
  ledger: Ledger,
): Promise<void> {
  const kept = new Set(scenario.launchers.map(({ id }) => id));
  const gone = [...hosted.keys()].filter((id) => !kept.has(id));
  const changed = scenario.launchers.filter((row) => hosted.get(row.id)?.from !== sourceOf(row, scenario));
  await Promise.all([
    ...gone.map(async (id) => {
      await service.remove(id);
      hosted.delete(id);
    }),
    ...changed.map(async (row) => {
      const make = (): ServiceEntry => {
        const made = host(row, scenario, ledger);
        hosted.set(row.id, made);
        return made.entry;
      };
      if (hosted.has(row.id)) await service.reload(row.id, make);
      else service.add(make());
      service.start(row.id);
    }),
  ]);
}
