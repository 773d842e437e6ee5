import type { Health, RunReport, StopOptions } from '@lanceur/core';
import { schedule } from '@lanceur/core/schedule';
import { Service, type ServedLauncher, type ServiceEvent, type ServiceOptions } from '@lanceur/core/service';
import { virtualClock, type VirtualClock } from '@lanceur/core/testing';

export const START = Date.parse('2026-11-24T10:00:00Z');
export const DAY = 86_400_000;
export const every15s = schedule({ seconds: '*/15' }, { timeZone: 'Europe/Paris' });
export const daily = schedule({ hours: 2, minutes: 0 }, { timeZone: 'Europe/Paris' });

export interface StandIn extends ServedLauncher {
  /** When its runs began, in seconds after START. */
  readonly begun: number[];
  readonly stops: StopOptions[];
  /** The most runs that were ever under way at once. */
  mostAtOnce: number;
  closed: number;
  /** Something for the service to hear in the middle of a run. */
  getOn(): void;
  healthIs: Partial<Health>;
}

/** A launcher that does in a run what a test says; by default nothing. */
export function standIn(
  clock: VirtualClock,
  id: string,
  work: (stop: StopOptions) => Promise<Partial<RunReport['counts']>> = async () => ({}),
): StandIn {
  let atOnce = 0;
  const handlers: (() => unknown)[] = [];
  const launcher: StandIn = {
    id,
    begun: [],
    stops: [],
    mostAtOnce: 0,
    closed: 0,
    healthIs: {},
    getOn: () => {
      for (const handler of handlers) handler();
    },
    on: (_, handler) => handlers.push(handler),
    async run(stop) {
      launcher.begun.push((clock.now() - START) / 1000);
      launcher.stops.push(stop);
      launcher.mostAtOnce = Math.max(launcher.mostAtOnce, ++atOnce);
      const startedAt = clock.now();
      try {
        const counts = await work(stop);
        return reportOf(startedAt, clock.now(), counts, stop.signal?.aborted === true);
      } finally {
        atOnce--;
      }
    },
    health: () => ({
      state: atOnce > 0 ? 'running' : 'idle',
      stalled: false,
      consecutiveFailures: 0,
      circuits: [],
      ...launcher.healthIs,
    }),
    close: async () => {
      launcher.closed++;
    },
  };
  return launcher;
}

function reportOf(
  startedAt: number,
  endedAt: number,
  counts: Partial<RunReport['counts']>,
  stopped: boolean,
): RunReport {
  const none = {
    listed: 0,
    accepted: 0,
    aside: 0,
    rejected: 0,
    notSettled: 0,
    submissions: 0,
    documents: 0,
    bytes: 0,
    left: {},
  };
  return {
    startedAt,
    endedAt,
    complete: !stopped,
    stopped,
    ended: [],
    left: [],
    counts: { ...none, ...counts },
  };
}

/** A call that does not return until it is let go. */
export function stuck(): { readonly call: () => Promise<Record<string, never>>; readonly letGo: () => void } {
  let letGo = (): void => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  return {
    call: async () => {
      await gate;
      return {};
    },
    letGo: () => letGo(),
  };
}

/** Until the signal is aborted. */
export async function untilAborted(signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    signal?.addEventListener('abort', () => resolve());
  });
}

export interface Bench {
  readonly clock: VirtualClock;
  readonly service: Service;
  /** What the service has told, oldest first: `started 16`. */
  readonly told: string[];
}

const EVENTS: readonly ServiceEvent[] = [
  'started',
  'stopped',
  'hung',
  'reloaded',
  'reloadFailed',
  'stalled',
  'recovered',
  'silent',
  'heard',
  'over',
  'error',
];

export function bench(options: ServiceOptions = {}, clock = virtualClock(START)): Bench {
  const service = new Service({ clock, softStopMs: 10_000, hardStopMs: 5_000, ...options });
  const told: string[] = [];
  for (const event of EVENTS) {
    service.on(event, (value) => told.push(`${event} ${value.id}`));
  }
  return { clock, service, told };
}
