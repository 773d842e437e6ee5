import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose } from '../../servers/compose.js';
import { startDovecot, type Dovecot } from '../../servers/dovecot.js';
import { startProxy } from '../../servers/proxy.js';
import { ratio, say } from '../shared/report.js';
import { compare, installed, runProgram, runScript, type Contender, type Took } from './program.js';
import { ONE_BY_ONE, ROUND_TRIP_MS, type Sizes } from './sizes.js';

/** IMAP beside what people use: the same mailbox, in turns, each writing and syncing what it gets. */
export async function benchImap({ mails, big, rounds }: Sizes): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), 'lanceur-bench-imap-'));
  const server = await startDovecot({ users: { small: 'secret', big: 'secret' } });
  const port = server.ports.imap;
  try {
    const contenders = installed(CONTENDERS);
    await fill(server, 'small', mails, 18_500);
    await fill(server, 'big', big, 9_200_000);
    await compare({ port, place, rounds, contenders, pairs: PAIRS });
    await distant(server, place, mails);
  } finally {
    await server.stop();
    rmSync(place, { recursive: true, force: true });
  }
}

const PAIRS = [
  ['imap-whole', 'mbsync'],
  ['imap-whole', 'imaplib'],
  ['imap-whole', 'imapflow'],
  ['imap-half', 'mbsync'],
  ['imap-attachments', 'mbsync'],
] as const;

/** Two attachments of one size: what is fetched of them is half of the mail, or nearly all. */
async function fill(server: Dovecot, user: string, count: number, bytes: number): Promise<void> {
  const content = Buffer.alloc(bytes, 'lanceur ');
  const attachments = ['a.pdf', 'b.pdf'].map((name) => ({ name, content }));
  for (let i = 0; i < count; i++) await server.deliver(compose({ attachments }), { user });
}

/** Behind a network: what counts there is how often one waits for an answer. */
async function distant(server: Dovecot, place: string, mails: number): Promise<void> {
  const proxy = await startProxy({ to: server.ports.imap, roundTripMs: ROUND_TRIP_MS });
  try {
    const half = await take('half', proxy.port, 'small', mkdtempSync(join(place, 'take-')));
    const few = Math.min(ONE_BY_ONE, mails);
    const some = await take('imapflow', proxy.port, 'small', mkdtempSync(join(place, 'take-')), few);
    const all = (some.seconds / few) * mails;
    say(
      `imap-half behind ${String(ROUND_TRIP_MS)} ms: ${half.seconds.toFixed(2)} s; one trip a mail: ${all.toFixed(2)} s (measured on ${String(few)})`,
    );
    ratio('imap-20ms/one-trip-a-mail', half.seconds / all);
  } finally {
    await proxy.stop();
  }
}

async function take(
  what: string,
  port: number,
  user: string,
  folder: string,
  ...more: readonly unknown[]
): Promise<Took> {
  return await runScript(process.execPath, 'take-imap.mjs', [port, user, folder, what, ...more]);
}

/** It syncs each mail by default. */
async function mbsync(port: number, user: string, folder: string): Promise<Took> {
  const config = join(folder, '.mbsyncrc');
  mkdirSync(join(folder, '.state'));
  writeFileSync(
    config,
    `IMAPStore far
Host 127.0.0.1
Port ${String(port)}
User ${user}
Pass secret
SSLType None

MaildirStore near
Inbox ${join(folder, 'Inbox')}

Channel all
Far :far:
Near :near:
Sync Pull New
Create Near
SyncState ${folder}/.state/
`,
  );
  return await runProgram('mbsync', ['-c', config, '-q', 'all']);
}

async function imaplib(port: number, user: string, folder: string): Promise<Took> {
  return await runScript('python3', 'take-imaplib.py', [port, user, folder]);
}

const CONTENDERS: readonly Contender[] = [
  { name: 'mbsync', program: 'mbsync', run: mbsync },
  { name: 'imaplib', program: 'python3', run: imaplib },
  { name: 'imapflow', run: async (...to) => await take('imapflow', ...to) },
  { name: 'imap-whole', ours: true, run: async (...to) => await take('whole', ...to) },
  { name: 'imap-attachments', ours: true, run: async (...to) => await take('attachments', ...to) },
  { name: 'imap-half', ours: true, run: async (...to) => await take('half', ...to) },
];
