import type { Clock } from '@lanceur/core';
import { errorCode, type FileSystem } from './file-system.js';

const PAUSES_MS = [50, 150, 400] as const;

const HELD: ReadonlySet<string> = new Set(['EBUSY']);
// Windows says the same of what is forbidden, and of a name whose file was deleted while another program reads it.
const HELD_ON_WINDOWS: ReadonlySet<string> = new Set(['EBUSY', 'EPERM', 'EACCES']);
// And of a folder in which there is such a name.
const NOT_EMPTY_ON_WINDOWS: ReadonlySet<string> = new Set([...HELD_ON_WINDOWS, 'ENOTEMPTY']);

/**
 * A file system that tries again for a short while what another program may be holding, as a virus scanner holds a new
 * file on Windows. Only calls that do nothing when they fail; and no listing, which meets many files that are held for long.
 */
export function patient(inner: FileSystem, clock: Clock): FileSystem {
  const onWindows = (inner.platform ?? process.platform) === 'win32';
  const held = onWindows ? HELD_ON_WINDOWS : HELD;
  const removing = onWindows ? NOT_EMPTY_ON_WINDOWS : HELD;

  async function tried<T>(call: () => Promise<T>, again = held): Promise<T> {
    for (const pause of PAUSES_MS) {
      try {
        return await call();
      } catch (error) {
        if (!again.has(errorCode(error))) throw error;
        await clock.sleep(pause);
      }
    }
    return await call();
  }

  return {
    ...inner,
    open: (path, ahead) => tried(() => inner.open(path, ahead)),
    create: (path, bytes) => tried(() => inner.create(path, bytes)),
    seal: (path, mtimeNs) => tried(() => inner.seal(path, mtimeNs)),
    makeFolder: (path) => tried(() => inner.makeFolder(path)),
    move: (from, to) => tried(() => inner.move(from, to)),
    link: (from, to) => tried(() => inner.link(from, to)),
    remove: (path) => tried(() => inner.remove(path)),
    removeFolder: (path) => tried(() => inner.removeFolder(path), removing),
  };
}
