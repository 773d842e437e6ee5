import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

export const USER = 'factures@mairie.example';
export const PASSWORD = 'demo';

/** A throw-away Dovecot that nobody but this machine reaches. */
export interface MailServer {
  readonly port: number;
  deliver(mail: string): Promise<void>;
  /** How many mails are in the mailbox. */
  count(): Promise<number>;
  stop(): Promise<void>;
}

const PROGRAM = ['/usr/sbin/dovecot', '/usr/local/sbin/dovecot', '/opt/homebrew/sbin/dovecot'].find((path) =>
  existsSync(path),
);

/** `undefined` where Dovecot is not installed. */
export async function startMailServer(): Promise<MailServer | undefined> {
  if (PROGRAM === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'lanceur-demo-mail-'));
  const inbox = join(folder, 'mail');
  const owner = await mailOwner();
  await chmod(folder, 0o755);
  for (const sub of ['', 'cur', 'new', 'tmp']) {
    await mkdir(join(inbox, sub), { mode: 0o700 });
    if (owner !== undefined) await chown(join(inbox, sub), owner.uid, owner.gid);
  }
  const port = await freePort();
  const config = join(folder, 'dovecot.conf');
  await writeFile(join(folder, 'users'), `${USER}:{PLAIN}${PASSWORD}\n`);
  await writeFile(config, configOf(folder, inbox, port, owner));
  const child = spawn(PROGRAM, ['-F', '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
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
      if (said.includes('starting up for')) resolve(true);
    });
    child.once('exit', () => {
      resolve(false);
    });
  });
  if (!started) {
    await stop();
    throw new Error(`Dovecot does not start: ${said}`);
  }
  let delivered = 0;
  return {
    port,
    async deliver(mail) {
      const file = join(inbox, 'new', `${String(1_700_000_000 + ++delivered)}.demo`);
      await writeFile(file, mail.replaceAll('\n', '\r\n'));
      if (owner !== undefined) await chown(file, owner.uid, owner.gid);
    },
    async count() {
      return (await Promise.all(['new', 'cur'].map((sub) => readdir(join(inbox, sub))))).flat().length;
    },
    stop,
  };
}

/** Dovecot gives root's rights away; as anyone else it keeps its own. */
async function mailOwner(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const [, uid, gid] = /^nobody:[^:]*:(\d+):(\d+):/mu.exec(await readFile('/etc/passwd', 'utf8')) ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function configOf(
  folder: string,
  inbox: string,
  port: number,
  owner: { readonly uid: number; readonly gid: number } | undefined,
): string {
  const { uid, gid, username } = userInfo();
  const own = `default_internal_user = ${username}
default_login_user = ${username}
service pop3-login {
  chroot =
}
service anvil {
  chroot =
}
service stats {
  chroot =
}`;
  return `base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = /dev/stderr
protocols = pop3
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:${inbox}
${owner === undefined ? own : ''}
passdb {
  driver = passwd-file
  args = username_format=%u ${folder}/users
}
userdb {
  driver = static
  args = uid=${String(owner?.uid ?? uid)} gid=${String(owner?.gid ?? gid)} home=${folder}
}
service pop3-login {
  inet_listener pop3 {
    port = ${String(port)}
  }
}
`;
}
