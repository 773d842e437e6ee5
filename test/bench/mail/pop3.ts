import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startDovecot, type Dovecot } from '../../servers/dovecot.js';
import { startProxy } from '../../servers/proxy.js';
import { pathOf } from '../../support/needs.js';
import { ratio, say } from '../shared/report.js';
import { compare, installed, runProgram, runScript, type Contender, type Took } from './program.js';
import { ONE_BY_ONE, ROUND_TRIP_MS, type Sizes } from './sizes.js';

/** POP3 beside what people use: the same mailbox, in turns, each writing and syncing what it gets. */
export async function benchPop3({ mails, big, rounds }: Sizes): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), 'lanceur-bench-pop3-'));
  const server = await startDovecot({ users: { small: 'secret', big: 'secret' } });
  const port = server.ports.pop3;
  try {
    const contenders = installed(CONTENDERS);
    await fill(server, 'small', mails, 36_000);
    await fill(server, 'big', big, 18_500_000);
    await compare({ port, place, rounds, contenders, pairs: PAIRS });
    await distant(server, place, mails);
  } finally {
    await server.stop();
    rmSync(place, { recursive: true, force: true });
  }
}

const PAIRS = [
  ['pop3-whole', 'mpop'],
  ['pop3-whole', 'poplib'],
  ['pop3-attachments', 'mpop'],
  ['pop3-attachments', 'poplib'],
] as const;

async function fill(server: Dovecot, user: string, count: number, bytes: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const content = randomBytes(bytes).toString('base64').replace(/.{76}/gu, '$&\r\n');
    await server.deliver(
      `Subject: mail ${String(i)}\r\nMessage-ID: <${String(i)}@bench>\r\nDate: Tue, 24 Nov 2026 08:15:00 +0100\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nBonjour\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n${content}\r\n--b--\r\n`,
      { user },
    );
  }
}

/** Behind a network: what counts there is how often one waits for an answer. */
async function distant(server: Dovecot, place: string, mails: number): Promise<void> {
  if (pathOf('python3') === undefined) return;
  const proxy = await startProxy({ to: server.ports.pop3, roundTripMs: ROUND_TRIP_MS });
  try {
    const ours = await take('attachments', proxy.port, 'small', mkdtempSync(join(place, 'take-')));
    const few = Math.min(ONE_BY_ONE, mails);
    const some = await takePoplib(proxy.port, 'small', mkdtempSync(join(place, 'take-')), few);
    const all = (some.seconds / few) * mails;
    say(
      `pop3-attachments behind ${String(ROUND_TRIP_MS)} ms: ${ours.seconds.toFixed(2)} s; one trip a mail (poplib): ${all.toFixed(2)} s (measured on ${String(few)})`,
    );
    ratio('pop3-20ms/one-trip-a-mail', ours.seconds / all);
  } finally {
    await proxy.stop();
  }
}

async function take(what: string, port: number, user: string, folder: string): Promise<Took> {
  const spool = mkdtempSync(join(dirname(folder), 'spool-'));
  try {
    return await runScript(process.execPath, 'take-pop3.mjs', [port, user, folder, spool, what]);
  } finally {
    rmSync(spool, { recursive: true });
  }
}

async function takePoplib(port: number, user: string, folder: string, ...most: readonly number[]) {
  return await runScript('python3', 'take-poplib.py', [port, user, folder, ...most]);
}

async function mpop(port: number, user: string, folder: string): Promise<Took> {
  const config = join(folder, '.mpoprc');
  const mail = maildir(folder);
  writeFileSync(
    config,
    `account a\nhost 127.0.0.1\nport ${String(port)}\nuser ${user}\npassword secret\nauth user\ntls off\nkeep on\ndelivery maildir ${mail}\nuidls_file ${join(folder, '.uidls')}\nreceived_header off\n`,
    { mode: 0o600 },
  );
  return await runProgram('mpop', ['-C', config, '-Q', 'a']);
}

/** Of Debian. */
const NOBODY: [uid: number, gid: number] = [65_534, 65_534];

async function getmail(port: number, user: string, folder: string): Promise<Took> {
  const mail = maildir(folder);
  // As root it delivers for another user alone, who has to get there.
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    for (const each of [dirname(folder), folder]) chmodSync(each, 0o755);
    for (const sub of ['', 'cur', 'new', 'tmp']) chownSync(join(mail, sub), ...NOBODY);
  }
  writeFileSync(
    join(folder, '.getmailrc'),
    `[retriever]\ntype = SimplePOP3Retriever\nserver = 127.0.0.1\nport = ${String(port)}\nusername = ${user}\npassword = secret\n[destination]\ntype = Maildir\npath = ${mail}/\n${isRoot ? 'user = nobody\n' : ''}[options]\ndelete = false\nread_all = true\nverbose = 0\n`,
  );
  return await runProgram('getmail', [`--getmaildir=${folder}`, '--rcfile=.getmailrc']);
}

async function fetchmail(port: number, user: string, folder: string): Promise<Took> {
  const config = join(folder, '.fetchmailrc');
  const deliver = join(folder, '.deliver');
  mkdirSync(join(folder, 'mail'));
  writeFileSync(deliver, `#!/bin/sh\nexec cat >"$(mktemp ${join(folder, 'mail')}/XXXXXXXX)"\n`, {
    mode: 0o755,
  });
  writeFileSync(
    config,
    `set idfile "${join(folder, '.ids')}"\npoll 127.0.0.1 service ${String(port)} protocol POP3 uidl username "${user}" password "secret" keep fetchall sslproto "" mda "${deliver}"\n`,
    { mode: 0o700 },
  );
  const pid = join(folder, '.pid');
  return await runProgram('fetchmail', ['-f', config, '--pidfile', pid, '--silent', '--nodetach']);
}

function maildir(folder: string): string {
  const mail = join(folder, 'mail');
  for (const sub of ['', 'cur', 'new', 'tmp']) mkdirSync(join(mail, sub));
  return mail;
}

const CONTENDERS: readonly Contender[] = [
  { name: 'pop3-whole', ours: true, run: async (...to) => await take('whole', ...to) },
  { name: 'pop3-attachments', ours: true, run: async (...to) => await take('attachments', ...to) },
  { name: 'mpop', program: 'mpop', run: mpop },
  { name: 'poplib', program: 'python3', run: async (...to) => await takePoplib(...to) },
  { name: 'getmail6', program: 'getmail', run: getmail },
  { name: 'fetchmail', program: 'fetchmail', run: fetchmail },
];
