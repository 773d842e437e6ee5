import type { ItemRef } from '../../contracts/item.js';
import { LanceurError, messageOf } from '../../errors.js';
import type { Launcher } from '../../launcher/launcher.js';
import type { SeededRandom } from '../random.js';
import type { Actor } from './actor.js';
import type { Auditor } from './auditor.js';
import type { StoryProcess } from './story.js';

export interface Driven {
  readonly launcher: Launcher;
  readonly actor: Actor;
  readonly random: SeededRandom;
  /** Refs on their way from those that list to those that process. */
  readonly queue: ItemRef[];
  readonly auditor: Auditor;
  readonly tell: (what: string) => void;
}

const WORKERS = 3;

/** One poll in the way in which this process drives its launcher. What a host would log is told; a broken promise is a problem. */
export async function poll(drive: StoryProcess['drive'], driven: Driven): Promise<void> {
  switch (drive) {
    case 'run':
      await attempt(driven, async () => {
        await driven.launcher.run();
      });
      return;
    case 'loop':
      await attempt(driven, async () => {
        for await (const ref of driven.launcher.list()) await driven.launcher.process(sent(ref));
      });
      return;
    case 'queue':
      await Promise.all([list(driven), ...Array.from({ length: WORKERS }, () => work(driven))]);
      await work(driven);
  }
}

/** What an operator does, while the launcher goes on. */
export async function retryRejected(driven: Driven, item: string | undefined): Promise<void> {
  await attempt(driven, async () => {
    const { reopened, restored } = await driven.launcher.retryRejected(
      item === undefined ? {} : { name: item },
    );
    driven.tell(`${driven.actor.name}: ${String(reopened)} open again, ${String(restored)} put back`);
  });
}

async function list(driven: Driven): Promise<void> {
  const { launcher, queue, random } = driven;
  await attempt(driven, async () => {
    for await (const ref of launcher.list()) {
      queue.push(ref);
      // A queue delivers at least once.
      if (random.chance(0.1)) queue.push(ref);
    }
  });
}

async function work(driven: Driven): Promise<void> {
  const { launcher, queue, actor } = driven;
  await actor.step('before a look into the queue');
  for (let ref = queue.shift(); ref !== undefined; ref = queue.shift()) {
    const next = sent(ref);
    const goesOn = await attempt(driven, async () => {
      await launcher.process(next);
    });
    if (!goesOn) return;
  }
}

/** As a queue carries it. */
function sent(ref: ItemRef): ItemRef {
  return JSON.parse(JSON.stringify(ref)) as ItemRef;
}

async function attempt({ actor, auditor, tell }: Driven, act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    tell(`${actor.name}: ${messageOf(error)}`);
    if (
      !LanceurError.is(error) ||
      error.code === 'INTERNAL' ||
      (error.scope !== 'source' && error.scope !== 'system')
    ) {
      auditor.problem('failed', `${actor.name}: ${messageOf(error)}`);
    }
    return false;
  }
}
