import { expect, test } from 'vitest';
import { InOrder } from '../../../packages/protocols/dist/imap/in-order.js';

/** Calls end when they are told to. */
function calls() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  return {
    begun,
    call: (name: string) => async () => {
      begun.push(name);
      await new Promise<void>((resolve) => ends.push(resolve));
      return name;
    },
    endAll: async (until: Promise<unknown>) => {
      const state = { isOver: false };
      void until.finally(() => (state.isOver = true)).catch(() => undefined);
      while (!state.isOver) {
        ends.shift()?.();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

test('a mail is read on before another one is begun, as long as its reader asks for more', async () => {
  const { begun, call, endAll } = calls();
  const turns = new InOrder();
  const read = async (name: string, pieces: number) => {
    const rank = turns.rank();
    for (let i = 0; i < pieces; i++) await turns.ask(rank, call(`${name}${String(i)}`));
  };
  await endAll(Promise.all([read('a', 3), read('b', 2), read('c', 2)]));
  expect(begun).toEqual(['a0', 'a1', 'a2', 'b0', 'b1', 'c0', 'c1']);
});

test('a reader that is slow keeps no other from being served, and goes on before those that came after it', async () => {
  const { begun, call, endAll } = calls();
  const turns = new InOrder();
  const [slow, fast] = [turns.rank(), turns.rank()];
  const first = turns.ask(slow, call('slow0'));
  const others = ['fast0', 'fast1', 'fast2'].map((name) => turns.ask(fast, call(name)));
  await endAll(others[0] ?? Promise.reject(new Error('none')));
  const second = turns.ask(slow, call('slow1'));
  await endAll(Promise.all([first, second, ...others]));
  expect(begun.slice(0, 2)).toEqual(['slow0', 'fast0']);
  expect(begun.indexOf('slow1')).toBeLessThan(begun.indexOf('fast2'));
});

test('a call that fails fails for its reader alone', async () => {
  const turns = new InOrder();
  const failed = turns.ask(turns.rank(), () => Promise.reject(new Error('no')));
  const well = turns.ask(turns.rank(), () => Promise.resolve(1));
  await expect(failed).rejects.toThrow('no');
  await expect(well).resolves.toBe(1);
});
