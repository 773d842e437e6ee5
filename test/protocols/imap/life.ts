import { LanceurError, type ItemRef, type Listener, type Session, type Settled } from '@lanceur/core';
import { contentOf } from '@lanceur/core/testing';

/** What a host's own loop makes of a source. */
export interface Life {
  /** Of what was delivered whole, by the mail's name. */
  readonly delivered: ReadonlyMap<string, readonly Buffer[]>;
  readonly settled: readonly Settled[];
  /** What went wrong, item by item and at last. */
  readonly errors: readonly LanceurError[];
}

/** Lists, reads and accepts everything once. Throws only what is no `LanceurError`. */
export async function live(listener: Listener): Promise<Life> {
  const delivered = new Map<string, readonly Buffer[]>();
  const errors: LanceurError[] = [];
  const settled: Settled[] = [];
  const note = (error: unknown): void => {
    if (!LanceurError.is(error)) throw error;
    errors.push(error);
  };
  let session: Session | undefined;
  try {
    session = await listener.connect();
    const refs = await listed(session);
    const done: ItemRef[] = [];
    for (const ref of refs) {
      if (ref.notReady !== undefined) continue;
      try {
        const delivery = await session.open(ref);
        delivered.set(ref.name, await Promise.all(delivery.documents.map(contentOf)));
        await delivery[Symbol.asyncDispose]();
        done.push(ref);
      } catch (error) {
        note(error);
      }
    }
    settled.push(...(await session.settle(done.map((ref) => ({ ref, end: 'accept' })))));
  } catch (error) {
    note(error);
  } finally {
    await session?.close();
  }
  return { delivered, settled, errors };
}

export async function listed(session: Session): Promise<readonly ItemRef[]> {
  const refs: ItemRef[] = [];
  for await (const ref of session.list()) refs.push(ref);
  return refs;
}

/** Its errors, and what came of the mails. */
export function outcomeOf({ errors, delivered, settled }: Life): string {
  const ends = (how: string) => String(settled.filter((each) => each.how === how).length);
  const codes = errors.map(({ code }) => code).join(', ');
  return `${codes}: ${String(delivered.size)} read, ${ends('removed')} removed, ${ends('failed')} failed`;
}
