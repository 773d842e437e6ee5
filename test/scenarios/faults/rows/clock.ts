import { rename } from 'node:fs/promises';
import type { Ledger } from '@lanceur/core';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { threadFileSystem, type FileStat, type FileSystem } from '@lanceur/protocols/directory';
import { systemClock } from '@lanceur/core';
import type { Chain } from '../chain.js';
import type { Fault } from '../fault.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const CLOCK_FAULTS: readonly Fault[] = [
  ...[-DAY, DAY].map((ms): Fault => {
    return {
      place: 'clock',
      fault: `jumps ${direction(ms)} by a day`,
      begin: (chain) => {
        chain.clock.shiftMs += ms;
      },
      end: () => undefined,
      meanwhile: 'go on',
    };
  }),
  ...[-DAY, DAY].map((ms): Fault => {
    return {
      place: 'clock',
      fault: `jumps ${direction(ms)} by a day while the target is away`,
      begin: (chain) => rename(chain.target, `${chain.target}-away`),
      end: async (chain) => {
        await rename(`${chain.target}-away`, chain.target);
        chain.clock.shiftMs += ms;
      },
      sees: { where: 'left', code: 'TARGET_GONE', says: 'the waiting directory … of job 87 is not there' },
      meanwhile: 'wait',
    };
  }),
  {
    place: 'clock',
    fault: 'jumps back by a day after a process died with a document in its hands',
    begin: async (chain) => {
      await die(chain, '2.pdf');
    },
    end: (chain) => {
      chain.clock.shiftMs -= DAY;
    },
    sees: {
      where: 'left',
      code: 'BUSY',
      says: 'is being worked on by another launcher or process until … at most',
    },
    meanwhile: 'some',
  },
  {
    place: 'clock',
    fault: 'jumps forward by a day while another process looks',
    when: 'when a document has just been placed',
    begin: async (chain) => {
      chain.clock.shiftMs += DAY;
      await chain.alongside(chain.clock);
    },
    end: () => undefined,
    sees: {
      where: 'left',
      code: 'LEASE_LOST',
      says: 'another process has taken over …; this one lets go of it',
    },
    meanwhile: 'go on',
  },
  {
    place: 'clock',
    fault: 'of another process on the same ledger is three hours ahead',
    when: 'when a document has just been placed',
    begin: (chain) => chain.alongside({ ...systemClock, now: () => systemClock.now() + 3 * HOUR }),
    end: (chain) => {
      chain.clock.shiftMs += 3 * HOUR;
    },
    sees: {
      where: 'left',
      code: 'LEASE_LOST',
      says: 'another process has taken over …; this one lets go of it',
    },
    meanwhile: 'go on',
  },
  ...[-3 * HOUR, 3 * HOUR].map((ms): Fault => {
    return {
      place: 'clock',
      fault: `of the file server is three hours ${ms > 0 ? 'ahead of' : 'behind'} this machine's`,
      chain: { directory: { quiet: 5_000, fs: askew(ms) } },
      begin: () => undefined,
      end: () => undefined,
      sees: {
        where: 'left',
        code: 'NOT_QUIET',
        says: 'changed … s ago; it is taken once it has been left alone for 5 s',
      },
      meanwhile: 'wait',
    };
  }),
];

function direction(ms: number): string {
  return ms < 0 ? 'back' : 'forward';
}

/** A process claims a document and is never heard of again. */
async function die(chain: Chain, name: string): Promise<void> {
  const ledger: Ledger = await sqliteLedger({ path: chain.ledgerPath, clock: chain.clock });
  const viewer = { launcher: '16', source: chain.listener.source, fingerprint: '' };
  for await (const ref of chain.launcher.list()) {
    if (ref.name === name) await ledger.claim(viewer, ref, { leaseMs: MINUTE });
  }
  await ledger.close();
}

/** The folder as a server shows it whose clock is off. */
function askew(ms: number): FileSystem {
  const fs = threadFileSystem();
  const moved = (stat: FileStat): FileStat => ({
    ...stat,
    mtimeNs: stat.mtimeNs + BigInt(ms) * 1_000_000n,
    changedMs: stat.changedMs + ms,
  });
  return {
    ...fs,
    stat: async (path, options) => moved(await fs.stat(path, options)),
    async *list(folder) {
      for await (const entries of fs.list(folder)) {
        yield entries.map((entry) =>
          entry.stat === undefined ? entry : { ...entry, stat: moved(entry.stat) },
        );
      }
    },
    async open(path, ahead) {
      const opened = await fs.open(path, ahead);
      const { file } = opened;
      return {
        ...opened,
        stat: moved(opened.stat),
        after: moved(opened.after),
        ...(file && { file: { ...file, stat: async () => moved(await file.stat()) } }),
      };
    },
  };
}
