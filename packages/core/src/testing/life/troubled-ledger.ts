import type { Change, Claim, Ledger } from '../../contracts/ledger.js';
import { LanceurError } from '../../errors.js';
import type { Actor } from './actor.js';
import type { Holders } from './holders.js';
import type { Trouble } from './trouble.js';
import { itemOf } from './world.js';

export interface LedgerSurroundings {
  readonly actor: Actor;
  readonly trouble: Trouble;
  readonly holders: Holders;
  readonly onFailedWrite: () => void;
}

const ENDS: ReadonlySet<Change['type']> = new Set(['released', 'settled', 'skipped', 'voided']);

/** A ledger with a step on either side of each call, which can be locked by somebody else, or lose its answer. */
export function troubledLedger(
  ledger: Ledger,
  { actor, trouble, holders, onFailedWrite }: LedgerSurroundings,
): Ledger {
  const call = async <T>(name: string, act: () => Promise<T>): Promise<T> => {
    await actor.step(`before ${name}`);
    if (trouble.is('ledger')) {
      onFailedWrite();
      throw busy();
    }
    const result = await act();
    await actor.step(`after ${name}`);
    return result;
  };
  const memory = (source: string) => {
    const inner = ledger.memory(source);
    return {
      read: (keys: readonly string[]) => call('read of the source memory', () => inner.read(keys)),
      write: (entries: ReadonlyMap<string, string | undefined>) =>
        call('write of the source memory', () => inner.write(entries)),
    };
  };

  return {
    classify: (viewer, refs) => call('classify', () => ledger.classify(viewer, refs)),
    async claim(viewer, ref, options) {
      return await call(`claim of ${ref.name}`, async () => {
        const outcome = await ledger.claim(viewer, ref, options);
        if ('item' in outcome) holders.take(itemOf(ref.name), actor, isWorkedOn(outcome));
        return outcome;
      });
    },
    async write(claim, changes, leaseMs) {
      const name = changes.length === 0 ? 'renewal' : changes.map(({ type }) => type).join(', ');
      const letGo = () => {
        holders.letGo(itemOf(claim.item.name), actor);
      };
      try {
        return await call(`${name} of ${claim.item.name}`, async () => {
          const fault = trouble.strikes('write');
          if (fault !== undefined) onFailedWrite();
          if (fault === 'before') throw busy();
          const next = await ledger.write(claim, changes, leaseMs);
          if (!isWorkedOn(next)) letGo();
          if (fault === 'after') throw busy();
          return next;
        });
      } catch (error) {
        // It is done with the item, whether the ledger takes note of it or not.
        if (LanceurError.is(error, 'LEASE_LOST') || changes.some(({ type }) => ENDS.has(type))) letGo();
        throw error;
      }
    },
    async *unfinished(source) {
      yield* await call('unfinished', () => all(ledger.unfinished(source)));
    },
    carry: (source, pairs) => call('carry', () => ledger.carry(source, pairs)),
    listed: (source, refs) => call('listed', () => ledger.listed(source, refs)),
    prune: (source, options) => call('prune', () => ledger.prune(source, options)),
    replay: (which, what) => call('replay', () => ledger.replay(which, what)),
    async *find(which) {
      yield* await call('find of records', () => all(ledger.find(which)));
    },
    bind: (viewer, address, options) => call('bind', () => ledger.bind(viewer, address, options)),
    memory,
    close: () => Promise.resolve(),
  };
}

/** Whether a crash now would be this item's doing, or that of what runs beside it. */
function isWorkedOn({ item }: Claim): boolean {
  return item.claim !== undefined && item.state === 'open';
}

async function all<T>(from: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const one of from) found.push(one);
  return found;
}

function busy(): LanceurError {
  return new LanceurError('LEDGER_BUSY', { path: 'ledger.db', seconds: 30 });
}
