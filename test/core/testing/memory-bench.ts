import { reason } from '@lanceur/core';
import { memoryListener, type ListenerBench, type MemoryListener, type MemoryListenerOptions } from '@lanceur/core/testing';

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
    remove: (name) => then(() => { listener.remove(name); }),
    read: (name) => Promise.resolve(listener.items.find((item) => item.name === name)?.documents[0]?.bytes),
    dispose: () => Promise.resolve(),
  });
}
