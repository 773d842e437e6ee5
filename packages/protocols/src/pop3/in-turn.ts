import type { Wire, Expected } from './wire.js';

/**
 * Commands that are under way together on a connection with pipelining: enough to hide a network, and so short together
 * (some 2 KB) that any server's buffer takes them.
 */
const WINDOW = 128;

/** A command that waits for its turn: sends itself, and says when its answer is complete. */
type Start = (done: () => void) => void;

/** Lets commands follow one another: many without waiting where the server knows PIPELINING, else one at a time. */
export class InTurn {
  readonly #most: number;
  readonly #waiting: Start[] = [];
  #underWay = 0;
  #isGoing = false;

  constructor(pipelining: boolean) {
    this.#most = pipelining ? WINDOW : 1;
  }

  /** Whether nothing is under way. */
  get isIdle(): boolean {
    return this.#underWay === 0 && this.#waiting.length === 0;
  }

  /** Sends the line when it is its turn. */
  send(wire: Wire, line: string, expected: Expected): void {
    this.#waiting.push((done) => {
      wire.send(line, {
        status: (answer) => expected.status(answer),
        ...(expected.data !== undefined && { data: (chunk: Buffer) => expected.data?.(chunk) }),
        done: () => {
          done();
          expected.done();
        },
        failed: (error, isDue) => {
          done();
          expected.failed(error, isDue);
        },
      });
    });
    this.#go();
  }

  /** Not from within itself: where a connection has broken, each command fails as soon as it is sent. */
  #go(): void {
    if (this.#isGoing) return;
    this.#isGoing = true;
    while (this.#underWay < this.#most) {
      const start = this.#waiting.shift();
      if (start === undefined) break;
      this.#underWay++;
      start(() => {
        this.#underWay--;
        this.#go();
      });
    }
    this.#isGoing = false;
  }
}
