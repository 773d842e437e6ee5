import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathOf } from '../support/needs.js';
import { freePorts } from './port.js';

/** For `needs`. Debian: stunnel4. */
export const STUNNEL = { program: 'stunnel', install: 'apt-get install stunnel4' } as const;

export interface Stunnel {
  /** In clear, on 127.0.0.1. */
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * A stunnel client as EzGED's documentation sets it up for POP with SSL, and as it serves IMAP alike: in clear on a port of 127.0.0.1, over TLS to the
 * server's port behind it.
 */
export async function startStunnel(to: { readonly port: number; readonly ca: string }): Promise<Stunnel> {
  const program = pathOf(STUNNEL.program);
  if (program === undefined) throw new Error('stunnel is not on this machine');
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'lanceur-stunnel-')));
  const [port = 0] = await freePorts(1);
  await writeFile(path.join(folder, 'ca.pem'), to.ca);
  const config = path.join(folder, 'stunnel.conf');
  await writeFile(
    config,
    `foreground = yes
pid =
syslog = no
[mail]
client = yes
accept = 127.0.0.1:${String(port)}
connect = 127.0.0.1:${String(to.port)}
CAfile = ${path.join(folder, 'ca.pem')}
verifyChain = yes
checkHost = localhost
`,
  );
  const child = spawn(program, [config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    }
    await rm(folder, { recursive: true, force: true });
  };
  let said = '';
  const started = await new Promise<boolean>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('Configuration successful')) resolve(true);
    });
    child.once('exit', () => resolve(false)).once('error', () => resolve(false));
  });
  if (started) return { port, stop };
  await stop();
  throw new Error(`stunnel does not start: ${said}`);
}
