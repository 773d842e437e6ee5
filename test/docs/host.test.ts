// The reference host, as an operator starts it: a real process, what it prints, and how it ends.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { needs } from '../support/needs.js';

const HOST = fileURLToPath(new URL('../../docs/examples/dist/host.js', import.meta.url));
/** A process that starts on a busy machine takes its time. */
const PATIENT = { timeout: 120_000 };
const WINDOWS = process.platform === 'win32';

let base = '';
const running = new Set<ChildProcessWithoutNullStreams>();

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'lanceur-host-'));
  for (const folder of ['depots', 'autres', 'wait/factures'])
    await mkdir(join(base, folder), { recursive: true });
});

afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
  await rm(base, { recursive: true, force: true, maxRetries: 5 });
});

type Row = Readonly<Record<string, unknown>>;

const FOLDER: Row = {
  id: '16',
  description: 'Factures',
  protocol: 'directory',
  settleSeconds: 0,
  filter: '*.*',
  jobs: [{ extension: 'pdf', job: '87' }],
  schedules: [{ seconds: '*' }],
};

async function scenario(...rows: readonly Row[]): Promise<string> {
  const file = join(base, 'scenario.json');
  const value = {
    timeZone: 'Europe/Paris',
    ledger: join(base, 'ledger.db'),
    spool: join(base, 'spool'),
    jobs: { '87': { waitingDirectory: join(base, 'wait', 'factures') } },
    launchers: rows.map((row) => ({ origin: join(base, 'depots'), ...row })),
  };
  await writeFile(file, JSON.stringify(value));
  return file;
}

const contentOf = (name: string) => `%PDF-1.4\n% ${name}\n%%EOF\n`;

async function deposit(name: string, folder = 'depots'): Promise<void> {
  const path = join(base, folder, name);
  await writeFile(path, contentOf(name));
  // Left alone for long.
  await utimes(path, 1_700_000_000, 1_700_000_000);
}

const arrived = async () =>
  (await readdir(join(base, 'wait', 'factures'))).filter((name) => !name.startsWith('.')).sort();

interface Started {
  readonly child: ChildProcessWithoutNullStreams;
  /** All that it has printed. */
  output(): string;
  /** When it has printed this. */
  printed(what: RegExp): Promise<void>;
  /** Its exit code. */
  ended(): Promise<number | null>;
}

function start(command: string, args: readonly string[]): Started {
  const env = { ...process.env, LANCEUR_TEST_PASSWORD: 'secret' };
  const child = spawn(command, args, { cwd: base, env });
  running.add(child);
  let output = '';
  let heard = (): void => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      heard();
    });
  }
  const closed = once(child, 'close') as Promise<[number | null]>;
  return {
    child,
    output: () => output,
    async printed(what) {
      await Promise.race([
        new Promise<void>((resolve) => {
          heard = () => {
            if (what.test(output)) resolve();
          };
          heard();
        }),
        closed.then(([code]) => {
          if (!what.test(output))
            throw new Error(`ended with ${String(code)} before ${String(what)}:\n${output}`);
        }),
      ]);
    },
    async ended() {
      const [code] = await closed;
      running.delete(child);
      return code;
    },
  };
}

function host(...args: readonly string[]): Started {
  return start(process.execPath, [HOST, ...args]);
}

async function run(
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly output: string }> {
  const started = host(...args);
  return { code: await started.ended(), output: started.output() };
}

describe('the host', PATIENT, () => {
  test('runs each launcher once, says what was taken and why the rest was left, and ends with 0', async () => {
    await deposit('a.pdf');
    await deposit('b.xlsx');
    const file = await scenario(FOLDER, {
      ...FOLDER,
      id: '17',
      description: 'Autres',
      origin: join(base, 'autres'),
    });
    const { code, output } = await run(file, '--once');
    expect(output).toMatch(
      / 16 Factures: taken 1 \(1 documents, 23 bytes\); rejected 0; left b\.xlsx: no job takes \.xlsx\n/u,
    );
    expect(output).toMatch(/ 17 Autres: taken 0 .*left nothing\n/u);
    expect(code).toBe(0);
    expect(await arrived()).toEqual(['a.pdf']);
    expect((await run(file, '--once')).output).toMatch(/16 Factures: taken 0/u);
  });

  test('ends with 1 if a launcher failed, says what to do, and has run the others', async () => {
    await deposit('a.pdf');
    const gone = { ...FOLDER, id: '18', description: 'Gone', origin: join(base, 'nowhere') };
    const { code, output } = await run(await scenario(gone, FOLDER), '--once');
    expect(output).toMatch(/ 18 Gone: failed: the source \S+nowhere is not there\. Check the path/u);
    expect(code).toBe(1);
    expect(await arrived()).toEqual(['a.pdf']);
  });

  test('explains what it would take and changes nothing', async () => {
    await deposit('a.pdf');
    await deposit('b.xlsx');
    const { code, output } = await run(await scenario(FOLDER), '--explain');
    expect(output).toBe('16 Factures\n  a.pdf: is taken by job 87\n  b.xlsx: no job takes .xlsx\n');
    expect(code).toBe(0);
    expect(await arrived()).toEqual([]);
  });

  test('checks everything on the real things: 0 if all will work, 1 and why if something will not', async () => {
    const well = await run(await scenario(FOLDER), '--check');
    expect(well.output).toMatch(/16 Factures\n {2}ok ledger/u);
    expect(well.code).toBe(0);
    await rm(join(base, 'wait'), { recursive: true });
    const bad = await run(await scenario(FOLDER), '--check');
    expect(bad.output).toMatch(/failed waiting directory of job 87 .*is not there/u);
    expect(bad.code).toBe(1);
  });

  test('says when each launcher runs next, in its own time zone', async () => {
    const file = await scenario({
      ...FOLDER,
      schedules: [{ years: 2126, months: 1, days: 1, hours: 8, minutes: '0,30' }],
    });
    const { code, output } = await run(file, '--next', '10');
    expect(output).toBe(
      '16 Factures\n  2126-01-01 08:00:00 Europe/Paris\n  2126-01-01 08:30:00 Europe/Paris\n',
    );
    expect(code).toBe(0);
  });

  test('ends with 2 and a clear word if the file or the command is wrong', async () => {
    const file = await scenario(FOLDER);
    const [missing, unknown, nothing, help] = await Promise.all([
      run(join(base, 'missing.json')),
      run(file, '--onse'),
      run(),
      run('--help'),
    ]);
    expect([missing.code, missing.output]).toEqual([2, expect.stringContaining('missing.json')]);
    expect([unknown.code, unknown.output]).toEqual([2, expect.stringContaining('--onse')]);
    expect([nothing.code, nothing.output]).toEqual([2, expect.stringContaining('--explain')]);
    expect([help.code, help.output]).toEqual([0, expect.stringContaining('--explain')]);
  });

  test('makes a sample on a fresh machine, and takes what is in it', async () => {
    const made = await run('--sample', join(base, 'sample'));
    expect(made.code).toBe(0);
    const [, file = ''] = /npm run host -- (.*)\n/u.exec(made.output) ?? [];
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replace(/"settleSeconds": \d+/gu, '"settleSeconds": 0'),
    );
    const { code, output } = await run(file, '--once');
    expect(output).toMatch(/16 Adullact Chorus: taken 2 /u);
    expect(output).toMatch(/17 Scans: taken [5-9] /u);
    expect(code).toBe(0);
    expect(await readdir(join(base, 'sample', 'ocr', 'wait', 'plans'))).toContain('plan-cadastral.TIF');
  });
});

describe.skipIf(WINDOWS)('the host, as a service', PATIENT, () => {
  test('says in lines what happens, once each, and stops cleanly on SIGTERM', async () => {
    const { child, printed, output, ended } = host(await scenario(FOLDER));
    await printed(/16 Factures: started, runs next at /u);
    await deposit('a.pdf');
    await deposit('b.xlsx');
    await printed(/taken 1 /u);
    await printed(/left b\.xlsx/u);
    child.kill('SIGTERM');
    expect(await ended()).toBe(0);
    expect(output()).toMatch(/stopping when what is under way is finished/u);
    expect(output()).toMatch(/16 Factures: stopped\n/u);
    const lines = output().split('\n');
    // A poll a second; what stays the same is not said again.
    expect(new Set(lines.map((line) => line.slice(25))).size).toBeGreaterThanOrEqual(lines.length - 1);
    expect(await readFile(join(base, 'wait', 'factures', 'a.pdf'), 'utf8')).toBe(contentOf('a.pdf'));
  });

  test('reads its file again on SIGHUP: new, changed and gone launchers; a file that is wrong changes nothing', async () => {
    const other = { ...FOLDER, id: '17', description: 'Autres', origin: join(base, 'autres') };
    const { child, printed, output, ended } = host(await scenario(FOLDER));
    await printed(/16 Factures: started/u);
    await scenario({ ...FOLDER, description: 'Courriers' }, other);
    child.kill('SIGHUP');
    await printed(/16 Courriers: reloaded/u);
    await printed(/17 Autres: started/u);
    await deposit('b.pdf', 'autres');
    await printed(/17 Autres: taken 1 /u);

    await writeFile(join(base, 'scenario.json'), '{ "launchers": ');
    child.kill('SIGHUP');
    await printed(/JSON/u);
    await deposit('a.pdf');
    await printed(/16 Courriers: taken 1 /u);

    await scenario({ ...FOLDER, description: 'Courriers' });
    child.kill('SIGHUP');
    await printed(/17 Autres: stopped/u);
    child.kill('SIGTERM');
    expect(await ended()).toBe(0);
    expect(output()).not.toMatch(/hung/u);
  });

  test('cuts off what is under way at the second signal', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    try {
      const { port } = silent.address() as AddressInfo;
      const mailbox = {
        ...FOLDER,
        id: '20',
        settleSeconds: undefined,
        description: 'Boîte',
        protocol: 'imap',
        tls: 'none',
        origin: 'INBOX',
        host: '127.0.0.1',
        port,
        user: 'jean',
        password: { env: 'LANCEUR_TEST_PASSWORD' },
      };
      const { child, printed, ended } = host(await scenario(mailbox));
      await Promise.race([once(silent, 'connection'), printed(/never/u)]);
      child.kill('SIGTERM');
      await printed(/stopping when/u);
      expect(sockets.map((socket) => socket.closed)).toEqual([false]);
      child.kill('SIGINT');
      expect(await ended()).toBe(0);
    } finally {
      for (const socket of sockets) socket.destroy();
      silent.close();
    }
  });
});

describe.skipIf(WINDOWS || !needs('script', { install: 'apt-get install util-linux' }))(
  'the host, on a terminal',
  PATIENT,
  () => {
    const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

    test('shows a live table, and stops cleanly on Ctrl-C', async () => {
      await deposit('b.xlsx');
      const file = await scenario(FOLDER);
      const command = ['stty cols 150 rows 40;', 'exec', process.execPath, HOST, file].map((part, n) =>
        n > 1 ? quoted(part) : part,
      );
      const { child, printed, output, ended } = start('script', ['-qec', command.join(' '), '/dev/null']);
      await printed(/launcher +is +last run +taken +rejected +left +next run +why/u);
      await printed(/16 Factures +(waiting|running).* 0 +0 +1 .*b\.xlsx: no job takes \.xlsx/u);
      await deposit('a.pdf');
      await printed(/16 Factures +\w+ .* 1 +0 +1 /u);
      child.stdin.write('\u0003');
      expect(await ended()).toBe(0);
      expect(output()).toMatch(/stopping when/u);
      expect(output()).toMatch(/16 Factures +stopped/u);
      // The cursor is shown again.
      expect(output().lastIndexOf('\u001b[?25h')).toBeGreaterThan(output().lastIndexOf('\u001b[?25l'));
      expect(await arrived()).toEqual(['a.pdf']);
    });
  },
);
