import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Orders } from './launcher.mjs';

/** A step that was begun or done. */
export interface TraceLine {
  readonly when: 'before' | 'after';
  readonly step: string;
  /** From 1, of the steps of this name. */
  readonly nth: number;
  /** With `before`: whether it writes, and can be cut short. */
  readonly divisible: boolean;
}

/** A launcher in a process of its own, from its start to its end. */
export class Life {
  /**
   * Resolves when it is no more: it was killed, or had nothing more to do.
   * @throws Error if it ended in another way, with what it has said.
   */
  readonly ended: Promise<'killed' | 'idle'>;
  readonly #child: ChildProcess;
  readonly #orders: Orders;

  constructor(orders: Orders) {
    this.#orders = orders;
    const script = fileURLToPath(new URL('launcher.mjs', import.meta.url));
    this.#child = spawn(process.execPath, [script, JSON.stringify(orders)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.ended = this.#end();
    // Told to whoever waits for it.
    this.ended.catch(() => undefined);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Resolves when its trace has so many bytes, or it is no more: how far it is, on a machine that is fast or slow. */
  async comesTo(bytes: number): Promise<void> {
    const size = () => statSync(this.#orders.trace, { throwIfNoEntry: false })?.size ?? 0;
    while (this.#child.exitCode === null && this.#child.signalCode === null && size() < bytes) await sleep(1);
  }

  /** The steps that it has taken, or begun. */
  trace(): readonly TraceLine[] {
    if (!existsSync(this.#orders.trace)) return [];
    const lines = readFileSync(this.#orders.trace, 'utf8').trimEnd().split('\n');
    const counts = { before: new Map<string, number>(), after: new Map<string, number>() };
    return lines.map((line) => {
      const [times = '', step = ''] = line.split('\t');
      const when = times === 'after' ? 'after' : 'before';
      const nth = (counts[when].get(step) ?? 0) + 1;
      counts[when].set(step, nth);
      return { when, step, nth, divisible: times.includes('during') };
    });
  }

  async #end(): Promise<'killed' | 'idle'> {
    let said = '';
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
    const [code, signal] = (await once(this.#child, 'close')) as [number | null, string | null];
    if (signal === 'SIGKILL') return 'killed';
    if (code === 0) return 'idle';
    throw new Error(`the launcher's process ended with ${String(code ?? signal)}: ${said.slice(-2_000)}`);
  }
}
