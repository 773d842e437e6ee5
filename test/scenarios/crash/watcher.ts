import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Question, Seen } from './watching.mjs';

interface Answer {
  readonly world: string;
  readonly seen?: Seen;
}

/** The process that looks into the waiting directories of all worlds, all the time. */
export class Watcher {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;
  readonly #waiting = new Map<string, (answer: Answer) => void>();

  constructor() {
    this.#child = fork(fileURLToPath(new URL('watching.mjs', import.meta.url)), { execArgv: [] });
    this.#child.on('message', (answer: Answer) => this.#waiting.get(answer.world)?.(answer));
    this.#ended = once(this.#child, 'exit').then(([code]) => {
      throw new Error(`the watcher has ended with ${String(code)}: see standard error`);
    });
    this.#ended.catch(() => undefined);
  }

  /** Resolves when it looks. */
  async watch(
    world: string,
    o: { readonly folders: readonly string[]; readonly eats: boolean },
  ): Promise<void> {
    await this.#ask({ world, watch: o });
  }

  /** Looks once more, and tells what was seen since the beginning. `at last`: it need not look any more. */
  async tell(world: string, tell: 'now' | 'at last'): Promise<Seen> {
    const { seen } = await this.#ask({ world, tell });
    if (seen === undefined) throw new Error(`the watcher does not know ${world}`);
    return seen;
  }

  end(): void {
    this.#child.disconnect();
  }

  async #ask(question: Question): Promise<Answer> {
    const answer = new Promise<Answer>((resolve) => this.#waiting.set(question.world, resolve));
    this.#child.send(question);
    return await Promise.race([answer, this.#ended]);
  }
}
