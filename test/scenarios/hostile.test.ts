// A folder in which everything is hostile at once, through the whole chain.
import { execFileSync, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import {
  appendFileSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { safeName, type RunReport } from '@lanceur/core';
import { threadFileSystem, type FileSystem } from '@lanceur/protocols/directory';
import { describe, expect, onTestFinished, test } from 'vitest';
import { needs } from '../support/needs.js';
import { Chain, type ChainOptions } from './faults/chain.js';

const isPosix = process.platform !== 'win32';

/** Names of files that hold a document, and are to arrive. */
const NAMES = [
  // Control characters, and what a terminal makes of them.
  'new\nline.pdf',
  'carriage\rreturn.pdf',
  'bell\u0007.pdf',
  'erase\u001b[2J\u001b[31m.pdf',
  'delete\u007f.pdf',
  'c1\u009b31m.pdf',
  // Marks that reorder or hide.
  'facture\u202efdp.exe',
  'isolate\u2066\u2069.pdf',
  'zero\u200bwidth.pdf',
  '\ufeffbom.pdf',
  'tag\u{e0041}.pdf',
  // What Windows reserves, eats, or takes for something else.
  'CON',
  'nul.pdf',
  'COM1.txt',
  'lpt9',
  'aux.',
  'dots...',
  'blank ',
  ' leading.pdf',
  'stream.pdf:hidden',
  'star*question?.pdf',
  'pipe|quote".pdf',
  'less<more>.pdf',
  '..\\..\\windows\\system32\\evil.pdf',
  'C:\\evil.pdf',
  // What a shell, a URL or a template takes for something else.
  '-rf.pdf',
  '$(reboot).pdf',
  '`id`.pdf',
  '%2e%2e%2fetc%2fpasswd',
  '{path}.pdf',
  "'; DROP TABLE items; --.pdf",
  // Case collisions, and one letter in two forms.
  'collide.pdf',
  'COLLIDE.PDF',
  'caf\u00e9.pdf',
  'cafe\u0301.pdf',
  // Lengths, and hardly a name at all.
  `${'x'.repeat(251)}.pdf`,
  `${'é'.repeat(125)}.pdf`,
  `${'😀'.repeat(62)}.pdf`,
  '.pdf',
  '...pdf',
  '.hidden',
  '😀',
  '\u0301combining',
  // What looks like a name of ours.
  '.lanceur-staging',
  'a~1-2~b~',
  '__proto__',
  'constructor',
];

/** Makes a file whose path no call can take. */
const TOO_DEEP = `
import os, sys
os.chdir(sys.argv[1])
for _ in range(20):
    os.mkdir(sys.argv[2])
    os.chdir(sys.argv[2])
open('c.pdf', 'w').close()
`;

describe.skipIf(!isPosix)('a hostile folder', () => {
  test('is taken where it holds documents, in names that harm nobody; the rest stays, and says why', async () => {
    const chain = await built();
    const outside = join(chain.base, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'secret.pdf'), 'secret');
    for (const name of NAMES) writeFileSync(join(chain.source, name), `content of ${name}`);
    writeFileSync(join(chain.source, 'empty.pdf'), '');
    const stay = await rubbish(chain, outside);
    writeFileSync(join(chain.source, 'huge.pdf'), '');
    truncateSync(join(chain.source, 'huge.pdf'), 3 * 1024 ** 3);

    const reports: RunReport[] = [];
    for (let poll = 1; poll <= 3; poll++) reports.push(reportOf(await chain.poll()));

    const arrived = Object.entries(await chain.inTarget());
    expect(arrived.map(([, content]) => content).sort()).toEqual(
      ['', ...NAMES.map((name) => `content of ${name}`)].sort(),
    );
    for (const [name] of arrived) expect(safeName(name, 255)).toBe(name);
    expect([...(await chain.inSource())].sort()).toEqual(stay.map(({ shown }) => shown).sort());
    for (const { left, counts } of reports) {
      expect(Object.fromEntries(left.map(({ name, reason }) => [shownOf(name), reason.code]))).toEqual(
        Object.fromEntries(stay.map(({ shown, code }) => [shown, code])),
      );
      for (const { reason } of left)
        expect(reason.message).not.toMatch(/[\p{Cc}\p{Cs}\u200b-\u200f\u202a-\u202e\u2066-\u2069]/u);
      expect(counts.left).not.toHaveProperty('INTERNAL');
    }
    expect(reports.map(({ counts }) => counts.accepted)).toEqual([NAMES.length + 1, 0, 0]);
    expect(reports[0]?.counts.rejected).toBe(1);
    expect(reports[0]?.ended.find(({ is }) => is === 'reject')?.reason?.code).toBe('TOO_BIG');

    // Nothing outside was read, changed or taken.
    expect(readdirSync(outside)).toEqual(['secret.pdf']);
    expect(readFileSync(join(outside, 'secret.pdf'), 'utf8')).toBe('secret');
    expect(arrived.some(([, content]) => content === 'secret')).toBe(false);
    expect(readdirSync(chain.base).sort()).toEqual(['archive', 'ledger', 'outside', 'source', 'target']);
    expect(readlinkSync(join(chain.source, 'link.pdf'))).toBe(join(outside, 'secret.pdf'));
  });

  test('that holds a file which grows for ever takes it never, and all the others', async () => {
    const chain = await built({ directory: { quiet: 5_000 } });
    for (const name of ['a.pdf', 'b.pdf', 'grows.log']) writeFileSync(join(chain.source, name), name);
    const polls = [];
    for (let poll = 1; poll <= 20; poll++) {
      appendFileSync(join(chain.source, 'grows.log'), 'one more line\n');
      polls.push(reportOf(await chain.poll()));
      chain.clock.shiftMs += 60_000;
    }
    expect(Object.keys(await chain.inTarget())).toEqual(['a.pdf', 'b.pdf']);
    expect(polls.at(-1)?.left.map(({ name, reason }) => [name, reason.code])).toEqual([
      ['grows.log', 'NOT_QUIET'],
    ]);
  });

  test.skipIf(!needs('python3'))(
    'with a path of 4,000 bytes has it taken; a longer one is named, and holds up nobody',
    async () => {
      const chain = await built({ directory: { recursive: true } });
      writeFileSync(join(chain.source, 'a.pdf'), 'a');
      // Below the 32 folders that are looked into, and below the 4,096 bytes that Linux takes.
      const deep = deepFolder(chain.source, 4_000 - '/b.pdf'.length);
      mkdirSync(deep, { recursive: true });
      writeFileSync(join(deep, 'b.pdf'), 'b');
      expect(Buffer.byteLength(join(deep, 'b.pdf'))).toBe(4_000);
      expect(reportOf(await chain.poll()).counts.accepted).toBe(2);
      expect(await chain.inTarget()).toEqual({ 'a.pdf': 'a', 'b.pdf': 'b' });

      // Longer than any call can say: made from inside.
      const step = 'y'.repeat(250);
      onTestFinished(() => {
        spawnSync('rm', ['-rf', join(chain.source, step)]);
      });
      execFileSync('python3', ['-c', TOO_DEEP, chain.source, step]);
      writeFileSync(join(chain.source, 'd.pdf'), 'd');
      const { left } = reportOf(await chain.poll());
      expect(left.map(({ reason }) => reason.message)).toEqual([
        'it cannot be read: its path is too long (ENAMETOOLONG)',
      ]);
      expect(Object.keys(await chain.inTarget())).toEqual(['a.pdf', 'b.pdf', 'd.pdf']);
    },
  );
});

const SWAPS: Readonly<Record<string, (at: string, outside: string) => void>> = {
  'a link to a file outside': (at, outside) => {
    symlinkSync(outside, at);
  },
  'a second name of a file outside': (at, outside) => {
    linkSync(outside, at);
  },
  'another file of the same size and time': (at) => {
    writeFileSync(at, 'another');
    utimesSync(at, 1_700_000_000, 1_700_000_000);
  },
  'a folder': (at) => {
    mkdirSync(at);
  },
  'a named pipe': (at) => {
    execFileSync('mkfifo', [at]);
  },
  nothing: () => undefined,
};

describe.skipIf(!isPosix)('a document that is swapped', () => {
  for (const moment of ['opened', 'settled'] as const) {
    for (const [what, swap] of Object.entries(SWAPS)) {
      test(`for ${what} before it is ${moment}: nothing else is delivered, followed or deleted`, async () => {
        let armed = true;
        const now = (at: string) => {
          if (!armed) return;
          armed = false;
          // Out of the way, not deleted: its inode would be given to the next one.
          renameSync(at, join(chain.base, 'swapped'));
          swap(at, secret);
        };
        const chain = await built({
          directory: {
            fs: before(moment === 'opened' ? 'open' : 'move', (at) => {
              if (at.endsWith('a.pdf')) now(at);
            }),
          },
        });
        const secret = join(chain.base, 'secret.pdf');
        writeFileSync(secret, 'secret!');
        const at = join(chain.source, 'a.pdf');
        writeFileSync(at, 'content');
        utimesSync(at, 1_700_000_000, 1_700_000_000);

        await chain.poll();
        expect(armed).toBe(false);
        const first = Object.values(await chain.inTarget());
        expect(first).toEqual(moment === 'opened' ? [] : ['content']);
        for (let poll = 1; poll <= 3; poll++) {
          chain.clock.shiftMs += 600_000;
          await chain.poll();
        }
        // What has come in its place is another document, and arrives as that if it is one; the rest stays.
        const other = what.startsWith('another') ? ['another'] : [];
        expect(Object.values(await chain.inTarget()).sort()).toEqual([...first, ...other].sort());
        expect(readFileSync(secret, 'utf8')).toBe('secret!');
        if (what === 'nothing' || other.length > 0) expect(await chain.inSource()).toEqual([]);
        else expect(existsSync(at) || lstatSync(at).isSymbolicLink()).toBe(true);
      });
    }
  }
});

async function built(options: ChainOptions = {}): Promise<Chain> {
  const chain = await Chain.build({ ...options, launcher: { concurrency: 32 } });
  onTestFinished(() => chain.remove());
  return chain;
}

function reportOf({ threw, report }: Awaited<ReturnType<Chain['poll']>>): RunReport {
  if (threw !== undefined) throw threw;
  return report;
}

interface Staying {
  /** As `readdir` shows it. */
  readonly shown: string;
  readonly code: string;
}

/** What is no document. */
async function rubbish(chain: Chain, outside: string): Promise<readonly Staying[]> {
  const at = (name: string) => join(chain.source, name);
  const stay: Staying[] = [];
  const add = (shown: string, code: string) => stay.push({ shown, code });
  symlinkSync(join(outside, 'secret.pdf'), at('link.pdf'));
  symlinkSync(outside, at('link-to-folder'));
  symlinkSync(at('nowhere'), at('dangling.pdf'));
  symlinkSync(at('loop.pdf'), at('loop.pdf'));
  symlinkSync('/dev/zero', at('zero.pdf'));
  execFileSync('mkfifo', [at('pipe.pdf')]);
  for (const name of ['link.pdf', 'link-to-folder', 'dangling.pdf', 'loop.pdf', 'zero.pdf', 'pipe.pdf'])
    add(name, 'NOT_A_FILE');

  const server = createServer();
  await new Promise<void>((resolve) => server.listen(at('socket.pdf'), resolve));
  onTestFinished(() => void server.close());
  add('socket.pdf', 'NOT_A_FILE');
  // Only root may, and not everywhere.
  if (spawnSync('mknod', [at('device.pdf'), 'c', '1', '5']).status === 0) add('device.pdf', 'NOT_A_FILE');

  linkSync(join(outside, 'secret.pdf'), at('second-name.pdf'));
  add('second-name.pdf', 'HARD_LINKED');
  const latin1 = Buffer.concat([
    Buffer.from(`${chain.source}/caf`),
    Buffer.from([0xe9]),
    Buffer.from('.pdf'),
  ]);
  writeFileSync(latin1, 'latin-1');
  add('caf\ufffd.pdf', 'NAME_UNREADABLE');
  writeFileSync(at('Thumbs.db'), 'junk');
  writeFileSync(at('scan.part'), 'junk');
  add('Thumbs.db', 'JUNK');
  add('scan.part', 'JUNK');
  return stay;
}

/** A name that is no text is listed with its bytes in hex behind it. */
function shownOf(name: string): string {
  return name.includes('\ufffd') ? name.replace(/\?[0-9a-f]+$/u, '') : name;
}

/** A folder below `root` whose path has so many bytes. */
function deepFolder(root: string, bytes: number): string {
  let path = root;
  for (let left = bytes - Buffer.byteLength(root); left > 0;) {
    const length = left > 254 && left < 260 ? 200 : Math.min(left, 254);
    path += `/${'x'.repeat(length - 1)}`;
    left -= length;
  }
  return path;
}

/** The folder, with something done just before a call on it. */
function before(call: 'open' | 'move', happen: (at: string) => void): FileSystem {
  const fs = threadFileSystem();
  return {
    ...fs,
    open: async (at, ahead) => {
      if (call === 'open') happen(at);
      return await fs.open(at, ahead);
    },
    move: async (from, to) => {
      if (call === 'move') happen(from);
      await fs.move(from, to);
    },
  };
}
