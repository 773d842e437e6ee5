// A launcher between doubles, on a clock of its own.
import {
  byExtension,
  Launcher,
  memoryLedger,
  nameFilter,
  type ItemRecord,
  type LauncherOptions,
  type Ledger,
} from '@lanceur/core';
import {
  memoryCold,
  memoryListener,
  seededRandom,
  virtualClock,
  type MemoryCold,
  type MemoryColdOptions,
  type MemoryListener,
  type MemoryListenerOptions,
  type VirtualClock,
} from '@lanceur/core/testing';

export interface Bench {
  readonly launcher: Launcher;
  readonly source: MemoryListener;
  readonly cold: MemoryCold;
  readonly ledger: Ledger;
  readonly clock: VirtualClock;
  /** Effects of source and COLD so far, by name: `after open`. */
  readonly effects: string[];
  /** Another launcher on the same ledger, source and COLD. */
  another(options?: Partial<LauncherOptions>): Launcher;
  record(name: string): Promise<ItemRecord | undefined>;
}

export interface BenchOptions extends Partial<LauncherOptions> {
  readonly source?: MemoryListenerOptions;
  readonly cold?: MemoryColdOptions;
}

export function bench({ source: sourceOptions, cold: coldOptions, ...options }: BenchOptions = {}): Bench {
  const clock = virtualClock();
  const effects: string[] = [];
  const step = (name: string): Promise<void> => {
    effects.push(name);
    return Promise.resolve();
  };
  const source = memoryListener({ step, ...sourceOptions });
  const cold = memoryCold({ step, now: () => clock.now(), ...coldOptions });
  const ledger = memoryLedger({ clock });
  const random = seededRandom(7);
  const another = (more: Partial<LauncherOptions> = {}): Launcher =>
    new Launcher({
      id: 'launcher',
      listener: source,
      filter: nameFilter('*.*'),
      grouper: byExtension({ pdf: '87', xml: '12' }),
      submitter: cold,
      ledger,
      clock,
      random: () => random.next(),
      sessionIdleMs: 0,
      ...options,
      ...more,
    });
  return {
    launcher: another(),
    source,
    cold,
    ledger,
    clock,
    effects,
    another,
    async record(name) {
      for await (const record of ledger.find({ name })) return record;
      return undefined;
    },
  };
}

/** Names in the order in which they came. */
export function namesIn(cold: MemoryCold): readonly string[] {
  return cold.arrivals.map((a) => a.name);
}
