import type { Clock } from '../clock.js';
import { LanceurError } from '../errors.js';
import type { ServedLauncher } from './entry.js';
import { within } from './within.js';

export interface WatchingOptions {
  readonly clock: Clock;
  /** How long a watch may take to end, before it is left behind. */
  readonly hardStopMs: number;
  /** The source may hold something. */
  readonly wake: () => void;
  /** A watch could not begin or end. */
  readonly fail: (error: unknown) => void;
}

/** The watch over the source of a launcher that is started: one at most. */
export class Watching {
  readonly #options: WatchingOptions;
  #watch: AsyncDisposable | undefined;

  constructor(options: WatchingOptions) {
    this.#options = options;
  }

  begin(launcher: ServedLauncher): void {
    if (this.#watch !== undefined) return;
    try {
      this.#watch = launcher.watch?.(this.#options.wake);
    } catch (error) {
      this.#options.fail(error);
    }
  }

  /** Resolves when it has ended, or takes too long to. Never rejects. */
  async end(launcher: ServedLauncher): Promise<void> {
    const { clock, hardStopMs, fail } = this.#options;
    const watch = this.#watch;
    this.#watch = undefined;
    if (watch === undefined) return;
    const ending = (async () => {
      await watch[Symbol.asyncDispose]();
    })();
    ending.catch(fail);
    if (await within(clock, hardStopMs, ending)) return;
    fail(
      new LanceurError('LAUNCHER_HUNG', { launcher: launcher.id, seconds: Math.round(hardStopMs / 1000) }),
    );
  }
}
