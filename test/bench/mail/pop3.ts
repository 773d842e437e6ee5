import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '@lanceur/core';
import { startDovecot, type Dovecot } from '../../servers/dovecot.js';
import { startProxy } from '../../servers/proxy.js';
import { pathOf } from '../../support/needs.js';

export interface Pop3BenchOptions {
  /** Mails of 50 KB. */
  readonly mails: number;
  /** Mails of 25 MB. */
  readonly big: number;
  readonly rounds: number;
  readonly log: (line: string) => void;
}

interface Took {
  readonly seconds: number;
  readonly peakKiB?: number;
}

interface Contender {
  readonly name: string;
  run(port: number, user: string, folder: string): Promise<Took>;
}

/** Of those that are fetched one by one, which takes its time. */
const ONE_BY_ONE = 200;

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** POP3 beside what people use: the same mailbox, alternating, each writing and syncing what it gets. Returns `RATIO` lines. */
export async function benchPop3(options: Pop3BenchOptions): Promise<readonly string[]> {
  const { mails, big, rounds, log } = options;
  const place = mkdtempSync(join(tmpdir(), 'lanceur-bench-pop3-'));
  const server = await startDovecot({ users: { small: 'secret', big: 'secret' } });
  const ratios: string[] = [];
  try {
    await fill(server, 'small', mails, 36_000);
    await fill(server, 'big', big, 18_500_000);
    for (const [user, label] of [
      ['small', ''],
      ['big', '-25MB'],
    ] as const) {
      const medians = await race(server.ports.pop3, user, place, rounds, log);
      const mpop = medians.get('mpop');
      for (const name of ['pop3-whole', 'pop3-attachments']) {
        const ours = medians.get(name);
        if (mpop !== undefined && ours !== undefined)
          ratios.push(`RATIO ${name}${label}/mpop ${(ours / mpop).toFixed(2)}`);
        const poplib = medians.get('poplib');
        if (poplib !== undefined && ours !== undefined)
          ratios.push(`RATIO ${name}${label}/poplib ${(ours / poplib).toFixed(2)}`);
      }
    }
    const proxy = await startProxy({ to: server.ports.pop3, roundTripMs: 20 });
    const ours = contenders(place).find(({ name }) => name === 'pop3-attachments');
    const took = await ours?.run(proxy.port, 'small', folderIn(place));
    const { fromServer, fromClient } = proxy.bytes;
    if (took !== undefined && has('python3')) {
      const few = Math.min(ONE_BY_ONE, mails);
      const some = await takePoplib(proxy.port, 'small', folderIn(place), few);
      const all = (some.seconds / few) * mails;
      log(
        `pop3-attachments behind 20 ms: ${took.seconds.toFixed(2)} s; one trip a mail (poplib): ${all.toFixed(2)} s (measured on ${String(few)}); ${String(fromServer)} bytes from the server, ${String(fromClient)} to it`,
      );
      ratios.push(`RATIO pop3-20ms/one-trip-a-mail ${(took.seconds / all).toFixed(3)}`);
    }
    await proxy.stop();
  } finally {
    await server.stop();
    rmSync(place, { recursive: true, force: true });
  }
  return ratios;
}

async function race(
  port: number,
  user: string,
  place: string,
  rounds: number,
  log: Pop3BenchOptions['log'],
): Promise<ReadonlyMap<string, number>> {
  const all = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of contenders(place)) {
      const folder = folderIn(place);
      let took: Took;
      try {
        took = await run(port, user, folder);
      } catch (error) {
        // getmail6 gives up on a busy machine.
        if (name.startsWith('pop3-')) throw error;
        log(`${user}: ${name} failed: ${messageOf(error)}`);
        continue;
      }
      const { seconds, peakKiB } = took;
      const peak = peakKiB === undefined ? '' : `, ${String(Math.round(peakKiB / 1024))} MB at most`;
      log(`${user}: ${name}: ${seconds.toFixed(2)} s${peak}`);
      all.set(name, [...(all.get(name) ?? []), seconds]);
      rmSync(folder, { recursive: true });
    }
  }
  return new Map([...all].map(([name, seconds]) => [name, median(seconds)]));
}

function contenders(place: string): readonly Contender[] {
  const ours = (what: string): Contender => ({
    name: `pop3-${what}`,
    run: async (port, user, folder) =>
      JSON.parse(
        await output(process.execPath, [
          here('take-pop3.mjs'),
          String(port),
          user,
          folder,
          join(place, 'spool'),
          what,
        ]),
      ) as Took,
  });
  return [
    ours('whole'),
    ours('attachments'),
    ...(has('mpop') ? [mpop] : []),
    ...(has('python3') ? [poplib] : []),
    ...(has('getmail') ? [getmail] : []),
    ...(has('fetchmail') ? [fetchmail] : []),
  ];
}

const mpop: Contender = {
  name: 'mpop',
  run: (port, user, folder) =>
    timed(() => {
      const config = join(folder, 'mpoprc');
      maildir(join(folder, 'mail'));
      writeFileSync(
        config,
        `account a\nhost 127.0.0.1\nport ${String(port)}\nuser ${user}\npassword secret\nauth user\ntls off\nkeep on\ndelivery maildir ${join(folder, 'mail')}\nuidls_file ${join(folder, 'uidls')}\nreceived_header off\n`,
        { mode: 0o600 },
      );
      return output('mpop', ['-C', config, '-Q', 'a']);
    }),
};

const poplib: Contender = { name: 'poplib', run: takePoplib };

async function takePoplib(port: number, user: string, folder: string, most?: number): Promise<Took> {
  const limit = most === undefined ? [] : [String(most)];
  const script = here('take-poplib.py');
  return JSON.parse(await output('python3', [script, String(port), user, folder, ...limit])) as Took;
}

const getmail: Contender = {
  name: 'getmail6',
  run: (port, user, folder) =>
    timed(() => {
      const mail = join(folder, 'mail');
      maildir(mail);
      // As root it delivers for another user alone, who has to get there.
      const isRoot = process.getuid?.() === 0;
      if (isRoot) {
        for (const each of [dirname(folder), folder]) chmodSync(each, 0o755);
        for (const sub of ['', 'cur', 'new', 'tmp']) chownSync(join(mail, sub), ...NOBODY);
      }
      writeFileSync(
        join(folder, 'getmailrc'),
        `[retriever]\ntype = SimplePOP3Retriever\nserver = 127.0.0.1\nport = ${String(port)}\nusername = ${user}\npassword = secret\n[destination]\ntype = Maildir\npath = ${mail}/\n${isRoot ? 'user = nobody\n' : ''}[options]\ndelete = false\nread_all = true\nverbose = 0\n`,
      );
      return output('getmail', [`--getmaildir=${folder}`, '--rcfile=getmailrc']);
    }),
};

/** Of Debian. */
const NOBODY: [uid: number, gid: number] = [65_534, 65_534];

const fetchmail: Contender = {
  name: 'fetchmail',
  run: (port, user, folder) =>
    timed(async () => {
      const rc = join(folder, 'fetchmailrc');
      const deliver = join(folder, 'deliver');
      mkdirSync(join(folder, 'mail'));
      writeFileSync(deliver, `#!/bin/sh\nexec cat >"$(mktemp ${join(folder, 'mail')}/XXXXXXXX)"\n`, {
        mode: 0o755,
      });
      writeFileSync(
        rc,
        `set idfile "${join(folder, 'ids')}"\npoll 127.0.0.1 service ${String(port)} protocol POP3 uidl username "${user}" password "secret" keep fetchall sslproto "" mda "${deliver}"\n`,
        { mode: 0o700 },
      );
      return await output('fetchmail', [
        '-f',
        rc,
        '--pidfile',
        join(folder, 'pid'),
        '--silent',
        '--nodetach',
      ]);
    }),
};

function has(program: string): boolean {
  return pathOf(program) !== undefined;
}

async function timed(run: () => Promise<string>): Promise<Took> {
  const began = performance.now();
  await run();
  return { seconds: (performance.now() - began) / 1000 };
}

async function output(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  if (code !== 0) throw new Error(`${program} ended with ${String(code)}: ${err || out}`);
  return out;
}

async function fill(server: Dovecot, user: string, count: number, attachment: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const content = randomBytes(attachment).toString('base64').replace(/.{76}/gu, '$&\r\n');
    await server.deliver(
      `Subject: mail ${String(i)}\r\nMessage-ID: <${String(i)}@bench>\r\nDate: Tue, 24 Nov 2026 08:15:00 +0100\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nBonjour\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n${content}\r\n--b--\r\n`,
      { user },
    );
  }
}

function maildir(path: string): void {
  for (const sub of ['', 'cur', 'new', 'tmp']) mkdirSync(join(path, sub));
}

function folderIn(place: string): string {
  return mkdtempSync(join(place, `take-${String(readdirSync(place).length)}-`));
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
