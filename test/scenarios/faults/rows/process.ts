import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fstatSync, readdirSync } from 'node:fs';
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
    begin: (chain) => leaveHandles(chain, 0),
    end: giveHandlesBack,
    sees: {
      where: 'thrown',
      code: 'SOURCE_FAILED',
      says: 'the source … failed: the process may open no more files (EMFILE): raise the limit of open files (ulimit -n), or lower `concurrency`',
    },
    meanwhile: 'wait',
  },
];

interface Limit {
  set(files: number): Promise<void>;
  end(): void;
}

const limits = new WeakMap<Chain, Limit>();

/** Lets the process have so many more handles; and keeps what it needs to get them back. */
async function leaveHandles(chain: Chain, handles: number): Promise<void> {
  const limit = limiter();
  limits.set(chain, limit);
  // Of the numbers below the limit only those are free that nothing has taken yet.
  const taken = new Set(readdirSync('/proc/self/fd').map(Number).filter(isOpen));
  let most = 0;
  for (let free = 0; free < handles || taken.has(most); most++) if (!taken.has(most)) free++;
  await limit.set(most);
}

/** The one that lists them is closed by now. */
function isOpen(handle: number): boolean {
  try {
    fstatSync(handle);
    return true;
  } catch {
    return false;
  }
}

async function giveHandlesBack(chain: Chain): Promise<void> {
  const limit = limits.get(chain);
  await limit?.set(1024);
  limit?.end();
}

/** A shell that is there before handles run out. */
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
