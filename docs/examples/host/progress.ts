import cliProgress from 'cli-progress';
import { messageOf, type Launcher } from '@lanceur/core';

const { BarFormat } = cliProgress.Format;
const BAR = {
  barGlue: '',
  barsize: 30,
  barCompleteString: '█'.repeat(30),
  barIncompleteString: '░'.repeat(30),
};

/** How far the run of a launcher is: what has come to an end in it, of how much, once that has been counted. */
export class Progress {
  readonly #launcher: Launcher;
  readonly #mayCount: boolean;
  #done = 0;
  #total: number | undefined;
  #counting = false;

  /** @param mayCount - its source can be listed beside the run: POP lets in one at a time. */
  constructor(launcher: Launcher, mayCount: boolean) {
    this.#launcher = launcher;
    this.#mayCount = mayCount;
    launcher.on('pollStarted', () => {
      this.#done = 0;
      this.#total = undefined;
      this.#counting = false;
    });
    launcher.on('ended', () => {
      this.#done++;
    });
  }

  /** `████░░░░ 120 of 400`. Asked for the first time it begins to count, which is one listing more: for long runs. */
  toString(): string {
    if (this.#mayCount && !this.#counting) void this.#count();
    if (this.#total === undefined) return `${String(this.#done)} done`;
    const total = Math.max(this.#total, this.#done);
    const bar = BarFormat(total === 0 ? 1 : this.#done / total, BAR);
    return `${bar} ${String(this.#done)} of ${String(total)}`;
  }

  async #count(): Promise<void> {
    this.#counting = true;
    try {
      let waiting = 0;
      for await (const { takes, reason } of this.#launcher.explain()) {
        // What is being worked on is busy.
        if (takes || reason?.code === 'BUSY') waiting++;
      }
      this.#total = this.#done + waiting;
    } catch (error) {
      // The run itself says what is wrong with the source.
      messageOf(error);
    }
  }
}
