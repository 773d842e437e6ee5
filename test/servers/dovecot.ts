import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { pathOf } from '../support/needs.js';
import { makeCertificate } from './certificate.js';
import { freePorts } from './port.js';

export interface DovecotOptions {
  /** Account and password of each user. Default: one, `jean@example.org` with `secret`. */
  readonly users?: Readonly<Record<string, string>>;
  /** Between the names of a folder and of one inside it. Default `/`. */
  readonly separator?: '/' | '.';
  /** IMAP capabilities: `-UIDPLUS -MOVE` takes these away. */
  readonly without?: readonly string[];
  /** The most that each account may hold, in bytes. Default: no limit. */
  readonly quota?: number;
  /** Where a token is checked (RFC 7662), for `AUTH=XOAUTH2`: `http://127.0.0.1:8080/introspect`. Default: no tokens. */
  readonly introspection?: string;
  /** Further lines of dovecot.conf. */
  readonly config?: string;
}

/** A throw-away mail server with folders that nobody else uses. */
export interface Dovecot {
  readonly host: '127.0.0.1';
  /** `imap` and `pop3` also speak STARTTLS and STLS. */
  readonly ports: {
    readonly imap: number;
    readonly imaps: number;
    readonly pop3: number;
    readonly pop3s: number;
  };
  /** The first user. */
  readonly user: string;
  readonly password: string;
  /** PEM of the authority that signed its certificate, which is for `localhost` and 127.0.0.1. */
  readonly ca: string;
  readonly pid: number;
  /**
   * Puts a message where its server finds it: whole, with CR LF or LF as it is given. Its file.
   *
   * @param to.mailbox - as on disk, in modified UTF-7, with the server's separator. Default `INBOX`.
   * @param to.received - IMAP's INTERNALDATE. Default: now.
   */
  deliver(
    message: string | Uint8Array,
    to?: { readonly user?: string; readonly mailbox?: string },
  ): Promise<string>;
  /** The files of a mailbox, whole, in the order of their arrival. */
  messages(of?: {
    readonly user?: string;
    readonly mailbox?: string;
  }): Promise<readonly { readonly file: string; readonly flags: string; readonly content: Buffer }[]>;
  /** Folders of a user, as on disk: `.Sent`. */
  folders(user?: string): Promise<readonly string[]>;
  /** What it has logged. */
  log(): string;
  /** Ends it and takes all that it held away. */
  stop(): Promise<void>;
}

const LONGEST_START_MS = 20_000;
const HAS_ROOT = process.getuid?.() === 0;

/** The programs of a suite that starts it, for `needs`. Debian: dovecot-imapd and dovecot-pop3d. */
export const DOVECOT = {
  program: 'dovecot',
  install: 'apt-get install dovecot-imapd dovecot-pop3d',
} as const;

/** Starts Dovecot in a temporary folder, on free ports of 127.0.0.1. As root it gives its rights away, as it does in earnest. */
export async function startDovecot(options: DovecotOptions = {}): Promise<Dovecot> {
  const users = options.users ?? { 'jean@example.org': 'secret' };
  const [[user, password] = ['', '']] = Object.entries(users);
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'lanceur-dovecot-')));
  const mail = path.join(folder, 'mail');
  const owner = HAS_ROOT ? await nobody() : undefined;
  await chmod(folder, 0o755);
  await mkdir(mail);
  if (owner !== undefined) await chown(mail, owner.uid, owner.gid);
  const { ca, certFile, keyFile } = makeCertificate(folder);
  await writeFile(
    path.join(folder, 'users'),
    Object.entries(users)
      .map(([u, p]) => `${u}:{PLAIN}${p}\n`)
      .join(''),
  );
  if (options.introspection !== undefined)
    await writeFile(path.join(folder, 'oauth2.conf'), oauth2Config(options.introspection));
  const config = path.join(folder, 'dovecot.conf');
  const started = await startOnFreePorts(async (ports) => {
    await writeFile(config, configOf(folder, { ...options, certFile, keyFile, ports }));
    return config;
  }).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  const { child, ports, log } = started;

  const maildir = (of: { readonly user?: string; readonly mailbox?: string } = {}): string => {
    const home = path.join(mail, of.user ?? user);
    const mailbox = of.mailbox ?? 'INBOX';
    return mailbox === 'INBOX' ? home : path.join(home, `.${mailbox.replaceAll('/', '.')}`);
  };
  let delivered = 0;

  return {
    host: '127.0.0.1',
    ports,
    user,
    password,
    ca,
    pid: child.pid ?? 0,
    log,
    async deliver(message, to) {
      const at = maildir(to);
      await makeMaildir(path.join(mail, to?.user ?? user), owner);
      await makeMaildir(at, owner);
      // Dovecot numbers new mail by the names of its files.
      const name = `${String(Math.floor(Date.now() / 1000))}.${String(++delivered).padStart(9, '0')}.${randomBytes(4).toString('hex')}`;
      const part = path.join(at, 'tmp', name);
      await writeFile(part, message);
      if (owner !== undefined) await chown(part, owner.uid, owner.gid);
      const file = path.join(at, 'new', name);
      await rename(part, file);
      return file;
    },
    async messages(of) {
      const at = maildir(of);
      const found = [];
      for (const sub of ['new', 'cur']) {
        for (const name of await readdir(path.join(at, sub)).catch(() => [])) {
          const file = path.join(at, sub, name);
          const flags = /:2,([A-Za-z]*)$/u.exec(name)?.[1] ?? '';
          found.push({ name, file, flags, content: await readFile(file) });
        }
      }
      return found.sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async folders(of = user) {
      const names = await readdir(path.join(mail, of)).catch(() => []);
      return names.filter((name) => name.startsWith('.')).sort();
    },
    async stop() {
      await end(child);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

async function nobody(): Promise<Owner> {
  const passwd = await readFile('/etc/passwd', 'utf8');
  const [, uid, gid] = /^nobody:[^:]*:(\d+):(\d+):/mu.exec(passwd) ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

async function makeMaildir(at: string, owner: Owner | undefined): Promise<void> {
  const folders = [at, ...['cur', 'new', 'tmp'].map((sub) => path.join(at, sub))];
  for (const each of folders) {
    const isNew = await lstat(each).then(
      () => false,
      () => true,
    );
    if (!isNew) continue;
    await mkdir(each, { recursive: true, mode: 0o700 });
    if (owner !== undefined) await chown(each, owner.uid, owner.gid);
  }
}

/** What was free may have been taken by another test in the meantime. */
async function startOnFreePorts(
  configure: (ports: Dovecot['ports']) => Promise<string>,
): Promise<{ readonly child: ChildProcess; readonly ports: Dovecot['ports']; log(): string }> {
  const program = pathOf('dovecot');
  if (program === undefined) throw new Error('dovecot is not on this machine');
  for (let attempt = 1; ; attempt++) {
    const [imap = 0, imaps = 0, pop3 = 0, pop3s = 0] = await freePorts(4);
    const ports = { imap, imaps, pop3, pop3s };
    const config = await configure(ports);
    const child = spawn(program, ['-F', '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    const started = await new Promise<boolean>((resolve) => {
      const tooLong = setTimeout(() => resolve(false), LONGEST_START_MS);
      const settle = (isStarted: boolean): void => {
        clearTimeout(tooLong);
        resolve(isStarted);
      };
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        // It listens on all its ports before it says so.
        if (said.includes('starting up for')) settle(true);
      });
      child.once('exit', () => settle(false)).once('error', () => settle(false));
    });
    if (started) return { child, ports, log: () => said };
    await end(child);
    if (attempt === 5 || !said.includes('Address already in use'))
      throw new Error(`Dovecot does not start: ${said}`);
  }
}

/** Its children end with it. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const tooLong = setTimeout(() => child.kill('SIGKILL'), LONGEST_START_MS);
  await exited;
  clearTimeout(tooLong);
}

interface Configuration extends DovecotOptions {
  readonly certFile: string;
  readonly keyFile: string;
  readonly ports: Dovecot['ports'];
}

function configOf(folder: string, options: Configuration): string {
  const { ports, certFile, keyFile, separator = '/', without = [], quota, introspection } = options;
  return `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = /dev/stderr
protocols = imap pop3
listen = 127.0.0.1
ssl = yes
ssl_cert = <${certFile}
ssl_key = <${keyFile}
disable_plaintext_auth = yes
auth_mechanisms = plain login${introspection === undefined ? '' : ' xoauth2 oauthbearer'}
auth_failure_delay = 0
auth_cache_size = 0
mail_max_userip_connections = 200
${rights()}
mail_location = maildir:~/
maildir_stat_dirs = yes
${quota === undefined ? '' : quotaConfig(quota)}
${without.length === 0 ? '' : `imap_capability = ${capabilities(without, quota !== undefined)}`}
namespace inbox {
  inbox = yes
  separator = ${separator}
  mailbox Sent {
    special_use = \\Sent
    auto = create
  }
  mailbox Trash {
    special_use = \\Trash
    auto = create
  }
  mailbox Junk {
    special_use = \\Junk
    auto = create
  }
}
${
  introspection === undefined
    ? ''
    : `passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = ${folder}/oauth2.conf
}`
}
passdb {
  driver = passwd-file
  ${introspection === undefined ? '' : 'mechanisms = plain login'}
  args = username_format=%u ${folder}/users
}
userdb {
  driver = static
  args = uid=${HAS_ROOT ? 'nobody' : String(userInfo().uid)} gid=${HAS_ROOT ? 'nogroup' : String(userInfo().gid)} home=${folder}/mail/%u allow_all_users=yes
}
service imap-login {
  inet_listener imap {
    port = ${String(ports.imap)}
  }
  inet_listener imaps {
    port = ${String(ports.imaps)}
    ssl = yes
  }
}
service pop3-login {
  inet_listener pop3 {
    port = ${String(ports.pop3)}
  }
  inet_listener pop3s {
    port = ${String(ports.pop3s)}
    ssl = yes
  }
}
service imap {
  process_limit = 200
}
# Nobody waits longer and longer for an answer to a wrong password.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
${options.config ?? ''}
`;
}

/** As root it works with the users of Debian's package; as anyone else, with that one alone, who cannot change root. */
function rights(): string {
  if (HAS_ROOT) return 'first_valid_uid = 1';
  const { uid, gid, username } = userInfo();
  const services = [
    'imap-login',
    'pop3-login',
    'anvil',
    'ipc',
    'stats',
    'dict',
    'director',
    'submission-login',
  ];
  return `
default_internal_user = ${username}
default_internal_group = ${groupName(gid)}
default_login_user = ${username}
first_valid_uid = ${String(uid)}
${services.map((name) => `service ${name} {\n  chroot =\n}`).join('\n')}`;
}

function groupName(gid: number): string {
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((each) => each.split(':')[2] === String(gid));
  return line?.split(':')[0] ?? String(gid);
}

function quotaConfig(bytes: number): string {
  return `
mail_plugins = quota
protocol imap {
  mail_plugins = quota imap_quota
}
plugin {
  quota = maildir:Account
  quota_rule = *:bytes=${String(bytes)}
  quota_grace = 0
}`;
}

// What Dovecot 2.3 offers after login.
const CAPABILITIES =
  'IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT SORT=DISPLAY THREAD=REFERENCES THREAD=REFS THREAD=ORDEREDSUBJECT MULTIAPPEND URL-PARTIAL CATENATE UNSELECT CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED I18NLEVEL=1 CONDSTORE QRESYNC ESEARCH ESORT SEARCHRES WITHIN CONTEXT=SEARCH LIST-STATUS BINARY MOVE SNIPPET=FUZZY PREVIEW=FUZZY PREVIEW STATUS=SIZE SAVEDATE LITERAL+ NOTIFY SPECIAL-USE';

function capabilities(without: readonly string[], quota: boolean): string {
  const all = [...CAPABILITIES.split(' '), ...(quota ? ['QUOTA'] : [])];
  return all.filter((each) => !without.includes(each)).join(' ');
}

function oauth2Config(introspection: string): string {
  return `introspection_url = ${introspection}
introspection_mode = post
username_attribute = username
active_attribute = active
active_value = true
`;
}
