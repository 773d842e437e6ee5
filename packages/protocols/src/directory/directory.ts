import {
  LanceurError,
  type Check,
  type ConnectOptions,
  type Listener,
  type ListenerTraits,
  type Reason,
  type Session,
  type SourceMemory,
  type UsedFolder,
} from '@lanceur/core';
import { check } from './check.js';
import { sourceError } from './faults.js';
import type { ListingState } from './list.js';
import { settingsOf, type DirectoryOptions, type Settings } from './options.js';
import { DirectorySession } from './session.js';
import { memoryOfObject } from '../memory-of-object.js';
import { watch } from './watch.js';

/**
 * Watches a folder ("Répertoire"): a local disk, a share, a scanner's drop folder.
 *
 * ```ts
 * const session = await directory({ path: 'F:/depots', after: moveTo('F:/traites') }).connect();
 * for await (const ref of session.list()) {
 *   if (ref.notReady) continue;
 *   const { documents } = await session.open(ref);
 *   await use(documents);
 *   await session.settle([{ ref, end: 'accept' }]);
 * }
 * await session.close();
 * ```
 *
 * An item's id is its relative path with `/`, its version its size and mtime. Nothing is read before it is whole (see
 * {@link DirectoryOptions.quiet}), no link is followed, nothing but a regular file is opened. What cannot be taken is
 * listed with its reason. An accepted item is moved into `.lanceur/taken`, compared, and only then deleted.
 *
 * @throws LanceurError `INVALID_OPTION`.
 */
export function directory(options: DirectoryOptions): Listener {
  return new Directory(settingsOf(options));
}

class Directory implements Listener {
  readonly source: string;
  readonly address: string;
  readonly traits: ListenerTraits;
  readonly folders: readonly UsedFolder[];
  readonly #settings: Settings;
  readonly #memory: SourceMemory = memoryOfObject();
  readonly #state: ListingState = { tickMs: undefined, whole: new Map() };
  #health: Reason | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.source = settings.source;
    this.address = `directory ${settings.root}`;
    this.traits = {
      concurrentSessions: true,
      settleEndsSession: false,
      keeps: settings.after.do !== 'remove',
    };
    this.folders = foldersOf(settings);
  }

  async connect({ signal, memory }: ConnectOptions = {}): Promise<Session> {
    if (signal?.aborted === true) throw new LanceurError('ABORTED');
    const { fs, root } = this.#settings;
    try {
      const { kind } = await fs.stat(root, { follow: true });
      if (kind !== 'folder')
        throw new LanceurError('SOURCE_FAILED', { path: root, why: 'it is not a folder' });
    } catch (error) {
      throw this.#note(sourceError(root, error));
    }
    this.#health = undefined;
    return new DirectorySession(this.#settings, this.#state, memory ?? this.#memory, signal, (error) =>
      this.#note(error),
    );
  }

  watch(wake: () => void): AsyncDisposable {
    return watch(this.#settings, wake);
  }

  async check(): Promise<readonly Check[]> {
    return await check(this.#settings);
  }

  health(): Reason | undefined {
    return this.#settings.stalled() ?? this.#health;
  }

  #note(error: LanceurError): LanceurError {
    if (error.scope === 'source') this.#health = error.reason;
    return error;
  }
}

function foldersOf({
  root,
  recursive,
  unit,
  exceptions,
  quarantine,
  after,
}: Settings): readonly UsedFolder[] {
  return [
    {
      role: 'source',
      path: root,
      watched: true,
      recursive: recursive || unit === 'entry',
      except: exceptions,
    },
    { role: 'quarantine', path: quarantine },
    ...(after.do === 'move' ? [{ role: 'folder of accepted documents', path: after.to }] : []),
  ];
}
