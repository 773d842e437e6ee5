import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startScriptedPop3 } from '../../servers/scripted-pop3.js';
import { mailWith } from './mails.js';

const onePoll = fileURLToPath(new URL('one-poll.mjs', import.meta.url));

/** One process of a launcher; what it has said if it came to its end. */
async function poll(
  port: number,
  base: string,
  started?: (child: ChildProcess) => void,
): Promise<string | undefined> {
  const child = spawn(process.execPath, [onePoll, String(port), base], { stdio: ['ignore', 'pipe', 'pipe'] });
  started?.(child);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0 && code !== null) throw new Error(`the launcher failed: ${err}`);
  return code === 0 ? out : undefined;
}

/** Kills a launcher at the nth command that it sends, before or after the server has carried it out; whether it came to that. */
async function killedAt(n: number, when: 'before' | 'after'): Promise<boolean> {
  const base = await mkdtemp(path.join(tmpdir(), 'lanceur-pop3-crash-'));
  await mkdir(path.join(base, 'waiting'));
  let doomed: ChildProcess | undefined;
  let killed = false;
  let isArmed = true;
  let commands = 0;
  const server = await startScriptedPop3({
    mails: ['a', 'b'].map((name) => ({
      uidl: `uid-${name}`,
      content: mailWith(name, [{ name: `${name}.pdf`, content: `content of ${name}` }]),
    })),
    instead: () => {
      if (!isArmed || ++commands !== n) return undefined;
      killed = true;
      isArmed = false;
      if (when === 'before') {
        doomed?.kill('SIGKILL');
        return { silence: true };
      }
      setImmediate(() => doomed?.kill('SIGKILL'));
      return undefined;
    },
  });
  try {
    await poll(server.port, base, (child) => (doomed = child));
    isArmed = false;
    // Until nothing waits for what the dead one has claimed.
    for (let polls = 0; polls < 20; polls++) {
      const said = await poll(server.port, base);
      if (said?.includes('BUSY') === false && server.mails.length === 0) break;
    }
    const waiting = path.join(base, 'waiting');
    const placed = (await readdir(waiting)).filter((name) => !name.startsWith('.')).sort();
    const what = `killed ${when} command ${String(n)}: ${server.commands[n - 1] ?? ''}`;
    expect(placed, what).toEqual(['a.pdf', 'b.pdf']);
    for (const name of placed) {
      expect(await readFile(path.join(waiting, name), 'utf8'), what).toBe(`content of ${name.charAt(0)}`);
    }
    expect(server.mails, what).toEqual([]);
    return killed;
  } finally {
    await server.stop();
    await rm(base, { recursive: true, force: true });
  }
}

test.skipIf(process.platform === 'win32')(
  'a launcher that is killed at any command takes each document once, and leaves the mailbox as configured',
  async () => {
    let n = 1;
    let goesOn = true;
    const next = async (): Promise<void> => {
      while (goesOn) {
        const command = n++;
        for (const when of ['before', 'after'] as const) {
          if (!(await killedAt(command, when))) goesOn = false;
        }
      }
    };
    await Promise.all([next(), next()]);
    // CAPA, USER, PASS, CAPA, UIDL, LIST, two of TOP, RETR and DELE, QUIT; one session for all of it.
    expect(n).toBeGreaterThanOrEqual(13);
  },
  300_000,
);
