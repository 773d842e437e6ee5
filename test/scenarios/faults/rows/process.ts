import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { needs } from '../../../support/needs.js';
import type { Chain } from '../chain.js';
import type { Fault } from '../fault.js';

const onLinux = () =>
  process.platform === 'linux' && needs('prlimit', { install: 'apt-get install util-linux' });

export const PROCESS_FAULTS: readonly Fault[] = [
  {
    place: 'process',
    fault: 'may open no more files',
    needs: [onLinux],
    begin: takeAllHandles,
    end: giveHandlesBack,
    sees: {
      where: 'thrown',
      code: 'SOURCE_FAILED',
      says: 'the source … failed: the process may open no more files (EMFILE): raise the limit of open files (ulimit -n), or lower `concurrency`',
    },
    meanwhile: 'wait',
  },
];

/** Above what the process of a test has open anyway. */
const LIMIT = 256;
const BEFORE = 1024;

interface Taken {
  readonly handles: readonly number[];
  readonly limit: Limit;
}

interface Limit {
  set(files: number): Promise<void>;
  end(): void;
}

const taken = new WeakMap<Chain, Taken>();

async function takeAllHandles(chain: Chain): Promise<void> {
  const limit = limiter();
  await limit.set(LIMIT);
  const handles: number[] = [];
  for (;;) {
    try {
      handles.push(openSync('/dev/null', 'r'));
    } catch {
      break;
    }
  }
  taken.set(chain, { handles, limit });
}

async function giveHandlesBack(chain: Chain): Promise<void> {
  const { handles = [], limit } = taken.get(chain) ?? {};
  for (const handle of handles) closeSync(handle);
  await limit?.set(BEFORE);
  limit?.end();
}

/** By a shell, which has to be there before the handles are gone. */
function limiter(): Limit {
  const shell = spawn('sh', { stdio: ['pipe', 'pipe', 'inherit'] });
  return {
    async set(files) {
      const done = once(shell.stdout, 'data');
      shell.stdin.write(`prlimit --pid ${String(process.pid)} --nofile=${String(files)}: && echo done\n`);
      await done;
    },
    end: () => shell.stdin.end(),
  };
}
