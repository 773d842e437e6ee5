import { reason } from '@lanceur/core';
import {
  memoryCold,
  memoryListener,
  type ListenerBench,
  type MemoryCold,
  type MemoryColdOptions,
  type MemoryListener,
  type MemoryListenerOptions,
  type SubmitterBench,
} from '@lanceur/core/testing';

/** A memory source as the listener suite drives it; `wrap` may put something before the listener. */
export function memoryBench(
  options: MemoryListenerOptions = {},
  wrap: (listener: MemoryListener) => ListenerBench['listener'] = (listener) => listener,
): Promise<ListenerBench> {
  const listener = memoryListener(options);
  const then = (act: () => unknown) => {
    act();
    return Promise.resolve();
  };
  return Promise.resolve({
    listener: wrap(listener),
    again: () => Promise.resolve(wrap(listener.seenBy())),
    put: (name, content) => then(() => listener.put({ name, content })),
    putSeveral: (name, documents) => then(() => listener.put({ name, documents })),
    putUnready: (name, content) =>
      then(() => listener.put({ name, content, notReady: reason('NOT_QUIET', { seconds: 1, quiet: 30 }) })),
    change: (name, content) => then(() => listener.change(name, content)),
    changeUnnoticed: (name, content) => then(() => listener.change(name, content, { unnoticed: true })),
    remove: (name) =>
      then(() => {
        listener.remove(name);
      }),
    read: (name) => Promise.resolve(listener.items.find((item) => item.name === name)?.documents[0]?.bytes),
    dispose: () => Promise.resolve(),
  });
}

/** A memory COLD as the submitter suite drives it; `wrap` may put something before the submitter. */
export function coldBench(
  options: MemoryColdOptions = {},
  wrap: (cold: MemoryCold) => SubmitterBench['submitter'] = (cold) => cold,
): Promise<SubmitterBench> {
  const cold = memoryCold(options);
  return Promise.resolve({
    submitter: wrap(cold),
    job: '87',
    again: () => Promise.resolve(wrap(cold.seenBy())),
    read: () => Promise.resolve(cold.waiting),
    eat: () => {
      cold.eat();
      return Promise.resolve();
    },
    outage: (on) => {
      if (on) cold.down('87');
      else cold.up('87');
      return Promise.resolve();
    },
    dispose: () => Promise.resolve(),
  });
}
