import { watch as watchFolder, type FSWatcher } from 'node:fs';
import type { Settings } from './options.js';

// A file that is being written makes hundreds of events; one look at the folder answers them all.
const CALM_MS = 200;

/**
 * Wakes when something happens in the folder. A hint, and no more: network shares send few events or none, and what
 * cannot be watched is not an error, since polling finds it as well.
 */
export function watch({ root, recursive, unit }: Settings, wake: () => void): AsyncDisposable {
  let timer: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | undefined;
  const soon = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      wake();
    }, CALM_MS).unref();
  };
  const stop = () => {
    clearTimeout(timer);
    timer = undefined;
    watcher?.close();
    watcher = undefined;
  };
  try {
    watcher = watchFolder(root, { persistent: false, recursive: recursive || unit === 'entry' });
    watcher.on('change', (_event, name) => {
      // Our own moves and probes are no news.
      if (typeof name === 'string' && /^\.lanceur(?:[/\\]|$)/u.test(name)) return;
      soon();
    });
    watcher.on('error', stop);
  } catch {
    // Not there yet, or out of watches.
  }
  return {
    [Symbol.asyncDispose]() {
      stop();
      return Promise.resolve();
    },
  };
}
