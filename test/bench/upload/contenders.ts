import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface Task {
  readonly source: string;
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly token: string;
  readonly connections: number;
}

export interface Took {
  readonly seconds: number;
  readonly cpuSeconds?: number;
  readonly peakBytes?: number;
  /** That were uploaded. */
  readonly bytes: number;
}

const MB = 1024 * 1024;
const ACCOUNT = { user: 'bench', password: 'bench', token: 'bench' };

/** The double in a process of its own, that counts what it gets and drops it. */
export class Server {
  readonly url: string;
  readonly #process: ChildProcess;

  private constructor(url: string, process: ChildProcess) {
    this.url = url;
    this.#process = process;
  }

  static async start(dir: string): Promise<Server> {
    const script = fileURLToPath(new URL('../../servers/ezged-double.mjs', import.meta.url));
    const { user, password, token } = ACCOUNT;
    const child = spawn(
      process.execPath,
      [
        ...[script, '--dir', dir, '--discard', '--licences', '4'],
        ...['--user', user, '--password', password, '--token', token],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    return new Server(line, child);
  }

  async stop(): Promise<void> {
    this.#process.kill('SIGTERM');
    await once(this.#process, 'exit');
  }
}

const run = promisify(execFile);
const LONGEST_OUTPUT = 64 * MB;

/** The SDK: from its listener's first look at the folder until the session has been given back. */
export async function lanceur(source: string, url: string, connections: number): Promise<Took> {
  const script = fileURLToPath(new URL('send.mjs', import.meta.url));
  const task: Task = { source, url, ...ACCOUNT, connections };
  const { stdout } = await run(process.execPath, [script, JSON.stringify(task)]);
  return JSON.parse(stdout) as Took;
}

/** curl, with a session that was opened for it: one process for all files. */
export async function curl(source: string, url: string, connections: number, config: string): Promise<Took> {
  const { sessionid, cookie } = await logIn(url);
  const files = readdirSync(source);
  const transfers = files.map((name) => {
    const query = new URLSearchParams({
      sessionid,
      token: ACCOUNT.token,
      mode: 'cold',
      waitdir: 'factures',
      name,
    });
    return [
      `url = "${url}/data/pupload.php?${query.toString()}"`,
      `form = "file=@${join(source, name)}"`,
      `cookie = "${cookie}"`,
      'silent',
      'show-error',
    ].join('\n');
  });
  writeFileSync(config, transfers.join('\nnext\n'));
  const from = performance.now();
  const { stdout } = await run(
    'curl',
    ['--parallel', '--parallel-max', String(connections), '--config', config],
    { maxBuffer: LONGEST_OUTPUT },
  );
  const seconds = (performance.now() - from) / 1000;
  const arrived = stdout.split('"success":true').length - 1;
  if (arrived !== files.length) throw new Error(`curl uploaded ${String(arrived)}: ${stdout.slice(0, 500)}`);
  await logOut(url, sessionid);
  return { seconds, bytes: files.reduce((sum, name) => sum + statSync(join(source, name)).size, 0) };
}

async function logIn(url: string): Promise<{ readonly sessionid: string; readonly cookie: string }> {
  const pwd = createHash('md5').update(ACCOUNT.password).digest('hex');
  const response = await fetch(`${url}/data/service.php?service=sec/authenticate`, {
    method: 'POST',
    body: new URLSearchParams({ login: ACCOUNT.user, pwd }),
  });
  const { rows } = (await response.json()) as { readonly rows: { readonly sessionid: string } };
  const cookie = response.headers.getSetCookie().map((line) => line.split(';')[0] ?? '');
  return { sessionid: rows.sessionid, cookie: cookie.join('; ') };
}

async function logOut(url: string, sessionid: string): Promise<void> {
  await fetch(`${url}/data/service.php?service=secses/delete`, {
    method: 'POST',
    body: new URLSearchParams({ sessionid: '', secsesid: sessionid, forcedisconnect: '1' }),
  });
}

/** Reads all files once, so that all contenders find them in memory. */
export function warm(source: string): void {
  for (const name of readdirSync(source))
    if (statSync(join(source, name)).size < 16 * MB) readFileSync(join(source, name));
}
