import { seededRandom } from '@lanceur/core/testing';
import { wrongAtLast } from './auditor.js';
import type { Life } from './life.js';
import type { SetUp } from './set-ups.js';
import type { Put } from './sources/source.js';
import type { Watcher } from './watcher.js';
import { World, type StartOptions } from './world.js';

export interface RandomLifeOptions {
  readonly watcher: Watcher;
  /** Of what is drawn; the instants of the kills are the machine's all the same. */
  readonly seed: number | string;
  /** Processes on one folder and one ledger, at once. Default 2. */
  readonly processes?: number;
  /** Kills, until they are left alone. Default 6. */
  readonly kills?: number;
  /** Whether each process waits for the leases of the others, or thinks that all have run out, also of those that live. */
  readonly leases: NonNullable<StartOptions['leases']>;
}

/** What a process writes into its trace while it works on a round, and a little less, so that most are killed at work. */
const BUSY_BYTES = 4_000;

/** Documents come while processes work, and one of them is killed at any instant; in the end they are left alone. What is wrong then. */
export async function randomLife(setUp: SetUp, o: RandomLifeOptions): Promise<readonly string[]> {
  const { watcher, processes = 2, kills = 6, leases } = o;
  const random = seededRandom(o.seed);
  const world = await World.create(setUp, watcher);
  const start = () => world.start({ leases, concurrency: 4 });
  const put: Put[] = [];
  try {
    const lives: Life[] = Array.from({ length: processes }, start);
    for (let n = 0; n < kills; n++) {
      put.push(...(await world.put('own')));
      const victim = random.int(processes);
      await lives[victim]?.comesTo(random.int(BUSY_BYTES));
      lives[victim]?.kill();
      await lives[victim]?.ended;
      lives[victim] = start();
    }
    await Promise.all(lives.map((life) => life.ended));
    // What a process was killed with may have been its to claim until after the others had nothing to do.
    await start().ended;
    return wrongAtLast(setUp, put, await world.look());
  } finally {
    await world.dispose();
  }
}
