import type { RunReport } from '../launcher/report.js';
import type { Reason } from '../reasons.js';
import type { RunSummary } from './state.js';

/** What a service tells of its launchers; `id` is the launcher's. Telemetry only: nothing depends on who listens. */
export interface ServiceEvents {
  /** It runs by its schedule from now on. */
  readonly started: { readonly id: string; readonly nextRunAt?: number };
  /** It has been stopped, and no run of it is under way. */
  readonly stopped: { readonly id: string };
  /** It was told to end its run, softly and then hard, and has not. It touches no other; it runs again once that run has ended. */
  readonly hung: { readonly id: string; readonly reason: Reason };
  /** `at`, and when it was due (absent if it was asked for), in milliseconds since 1970. */
  readonly runStarted: { readonly id: string; readonly at: number; readonly dueAt?: number };
  /** `report` is absent if the run failed before it had one. */
  readonly runEnded: { readonly id: string; readonly run: RunSummary; readonly report?: RunReport };
  /** Another launcher, or another schedule, has taken its place. */
  readonly reloaded: { readonly id: string };
  /** The one that was to take its place could not be built: the one from before goes on. */
  readonly reloadFailed: { readonly id: string; readonly reason: Reason };
  /** Its run does not get on; said once for each run. */
  readonly stalled: { readonly id: string; readonly reason: Reason };
  /** A stalled run has got on again, or has ended. */
  readonly recovered: { readonly id: string };
  /** Its source has brought nothing for long: said once, and again after as many days more. */
  readonly silent: { readonly id: string; readonly reason: Reason };
  /** It has brought something again. `since`: when it was last heard before, or first watched, in milliseconds since 1970. */
  readonly heard: { readonly id: string; readonly since: number };
  /** Its schedule has no further run. */
  readonly over: { readonly id: string };
  /** Something beside its runs went wrong: closing it, remembering when it was last heard, its schedule. */
  readonly error: { readonly id: string; readonly reason: Reason };
}

/** Names of {@link ServiceEvents}. */
export type ServiceEvent = keyof ServiceEvents;
