import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { imap, keep, type MailDocuments } from '@lanceur/protocols/imap';
import { compose } from '../../servers/compose.js';
import { startDovecot, type Dovecot } from '../../servers/dovecot.js';
import { startProxy } from '../../servers/proxy.js';
import { pathOf } from '../../support/needs.js';
import { median, ratio, say } from '../folder/report.js';

interface Sizes {
  readonly mails: number;
  /** Mails of 25 MB. */
  readonly big: number;
  readonly rounds: number;
}

const CONCURRENCY = 32;
const ROUND_TRIP_MS = 20;
/** Of those that are fetched one by one, which takes its time. */
const ONE_BY_ONE = 200;

interface Place {
  readonly server: Dovecot;
  readonly port: number;
  readonly user: string;
  /** An empty folder. */
  readonly into: string;
}

interface Contender {
  readonly name: string;
  run(place: Place): Promise<void>;
}

const CONTENDERS: readonly Contender[] = [
  { name: 'mbsync', run: mbsync },
  { name: 'imaplib', run: imaplib },
  { name: 'imapflow', run: bare },
  { name: 'imap-whole', run: async (place) => await ours(place, { attachments: false, message: true }) },
  { name: 'imap-attachments', run: async (place) => await ours(place, {}) },
  { name: 'imap-half', run: async (place) => await ours(place, {}, ({ name }) => name.startsWith('a')) },
];

export async function benchImap({ mails, big, rounds }: Sizes): Promise<void> {
  const users = { small: 'secret', big: 'secret' };
  const server = await startDovecot({ users });
  const base = mkdtempSync(path.join(tmpdir(), 'lanceur-bench-mail-'));
  try {
    await fill(server, 'small', mails, 18_500);
    await race(server, base, 'small', rounds, CONTENDERS);
    await distant(server, base, mails);
    if (big > 0) {
      await fill(server, 'big', big, 9_200_000);
      const some = CONTENDERS.filter(({ name }) => ['mbsync', 'imapflow', 'imap-whole'].includes(name));
      await race(server, base, 'big', rounds, some);
    }
    say(`peak memory of this process: ${String(Math.round(process.resourceUsage().maxRSS / 1024))} MB`);
  } finally {
    await server.stop();
    rmSync(base, { recursive: true, force: true });
  }
}

/** Two attachments of one size: what is fetched of them is half of the mail, or nearly all. */
async function fill(server: Dovecot, user: string, count: number, bytes: number): Promise<void> {
  const content = Buffer.alloc(bytes, 'lanceur ');
  const attachments = ['a.pdf', 'b.pdf'].map((name) => ({ name, content }));
  for (let i = 0; i < count; i++) await server.deliver(compose({ attachments }), { user });
}

async function race(
  server: Dovecot,
  base: string,
  user: string,
  rounds: number,
  contenders: readonly Contender[],
): Promise<void> {
  const seconds = new Map<string, number[]>();
  // The first one pays for the server's index otherwise.
  await timed(server, base, user, server.ports.imap, contenders[0]!);
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      const { took, files } = await timed(server, base, user, server.ports.imap, contender);
      say(`${user} ${contender.name}: ${took.toFixed(2)} s, ${String(files)} files`);
      seconds.set(contender.name, [...(seconds.get(contender.name) ?? []), took]);
    }
  }
  const of = (name: string): number => median(seconds.get(name) ?? []);
  const prefix = user === 'small' ? '' : `${user}-`;
  for (const other of ['mbsync', 'imaplib', 'imapflow'])
    ratio(`${prefix}imap-whole/${other}`, of('imap-whole') / of(other));
  ratio(`${prefix}imap-half/mbsync`, of('imap-half') / of('mbsync'));
  ratio(`${prefix}imap-attachments/mbsync`, of('imap-attachments') / of('mbsync'));
}

/** Behind a network: what counts there is how often one waits for an answer. */
async function distant(server: Dovecot, base: string, mails: number): Promise<void> {
  const proxy = await startProxy({ to: server.ports.imap, roundTripMs: ROUND_TRIP_MS });
  try {
    const half = CONTENDERS.find(({ name }) => name === 'imap-half')!;
    const { took } = await timed(server, base, 'small', proxy.port, half);
    const { fromServer } = proxy.bytes;
    const each = { name: 'one trip a mail', run: oneByOne };
    const { took: some } = await timed(server, base, 'small', proxy.port, each);
    const few = Math.min(ONE_BY_ONE, mails);
    const all = (some / few) * mails;
    say(
      `behind ${String(ROUND_TRIP_MS)} ms: ${took.toFixed(2)} s and ${String(fromServer)} bytes for half of each mail; ` +
        `one trip a mail: ${all.toFixed(2)} s (measured on ${String(few)})`,
    );
    ratio('imap-20ms/one-trip-a-mail', took / all);
  } finally {
    await proxy.stop();
  }
}

async function timed(server: Dovecot, base: string, user: string, port: number, { run }: Contender) {
  const into = mkdtempSync(path.join(base, 'into-'));
  spawnSync('sync');
  const begun = performance.now();
  await run({ server, port, user, into });
  const took = (performance.now() - begun) / 1000;
  const files = readdirSync(into, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !entry.name.startsWith('.') && !entry.parentPath.endsWith('.state'),
  ).length;
  rmSync(into, { recursive: true });
  return { took, files };
}

async function ours(
  { port, user, into }: Place,
  documents: MailDocuments,
  wants?: (document: { readonly name: string }) => boolean,
): Promise<void> {
  const listener = imap({
    host: '127.0.0.1',
    port,
    tls: 'none',
    user,
    password: 'secret',
    documents,
    after: keep(),
  });
  const session = await listener.connect();
  // As a launcher does, which opens mails while others are still listed.
  const refs = session.list()[Symbol.asyncIterator]();
  const worker = async (): Promise<void> => {
    for (let next = await refs.next(); next.done !== true; next = await refs.next()) {
      const ref = next.value;
      const delivery = await session.open(ref, wants);
      for (const [i, document] of delivery.documents.entries()) {
        const file = path.join(into, `${ref.id.replace('/', '-')}-${String(i)}`);
        await written(file, document.open());
      }
      await delivery[Symbol.asyncDispose]();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  await session.close();
}

/** What the library by itself is used for in most programs. */
async function bare({ port, user, into }: Place): Promise<void> {
  const client = await connected(port, user);
  const uids = await client.search({ all: true }, { uid: true });
  for (let i = 0; i < uids.length; i += 64) {
    const rows = await client.fetchAll(
      uids.slice(i, i + 64).join(','),
      { uid: true, source: true },
      { uid: true },
    );
    await Promise.all(rows.map((row) => written(path.join(into, String(row.uid)), row.source!)));
  }
  await client.logout();
}

async function oneByOne({ port, user, into }: Place): Promise<void> {
  const client = await connected(port, user);
  const uids = await client.search({ all: true }, { uid: true });
  for (const uid of uids.slice(0, ONE_BY_ONE)) {
    const row = await client.fetchOne(String(uid), { bodyParts: ['2'] }, { uid: true });
    if (row !== false) await written(path.join(into, String(uid)), row.bodyParts!.get('2')!);
  }
  await client.logout();
}

const LIBRARY = 'imapflow';

/** As much of the library as is used here. */
interface BareClient {
  connect(): Promise<void>;
  mailboxOpen(path: string): Promise<unknown>;
  search(query: object, options: object): Promise<number[]>;
  fetchAll(range: string, query: object, options: object): Promise<readonly Row[]>;
  fetchOne(range: string, query: object, options: object): Promise<Row | false>;
  logout(): Promise<void>;
}

interface Row {
  readonly uid: number;
  readonly source?: Buffer;
  readonly bodyParts?: ReadonlyMap<string, Buffer>;
}

async function connected(port: number, user: string): Promise<BareClient> {
  // The library belongs to the package that is measured, not to the workspace.
  const require = createRequire(new URL('../../../packages/protocols/package.json', import.meta.url));
  const { ImapFlow } = require(LIBRARY) as { readonly ImapFlow: new (options: object) => BareClient };
  const client = new ImapFlow({
    ...{ host: '127.0.0.1', port, secure: false, doSTARTTLS: false, logger: false, disableAutoIdle: true },
    auth: { user, pass: 'secret' },
  });
  await client.connect();
  await client.mailboxOpen('INBOX');
  return client;
}

async function written(file: string, content: Buffer | AsyncIterable<Buffer>): Promise<void> {
  const handle = await open(file, 'wx');
  await writeFile(handle, content);
  await handle.sync();
  await handle.close();
}

/** It syncs each mail by default. */
async function mbsync({ port, user, into }: Place): Promise<void> {
  if (pathOf('mbsync') === undefined) {
    say('mbsync: apt-get install isync');
    return;
  }
  mkdirSync(path.join(into, '.state'));
  const config = path.join(into, '.mbsyncrc');
  const maildir = path.join(into, 'Inbox');
  writeFileSync(
    config,
    `IMAPStore far
Host 127.0.0.1
Port ${String(port)}
User ${user}
Pass secret
SSLType None

MaildirStore near
Inbox ${maildir}

Channel all
Far :far:
Near :near:
Sync Pull New
Create Near
SyncState ${into}/.state/
`,
  );
  const { status, stderr } = spawnSync('mbsync', ['-c', config, '-q', 'all'], { encoding: 'utf8' });
  if (status !== 0) say(`mbsync failed: ${stderr}`);
}

const IMAPLIB = `
import imaplib, os, sys
port, user, into = sys.argv[1:]
client = imaplib.IMAP4('127.0.0.1', int(port))
client.login(user, 'secret')
client.select('INBOX', readonly=True)
uids = client.uid('SEARCH', 'ALL')[1][0].split()
for i in range(0, len(uids), 64):
    for row in client.uid('FETCH', b','.join(uids[i:i+64]), '(UID BODY.PEEK[])')[1]:
        if isinstance(row, tuple):
            with open(os.path.join(into, row[0].split()[0].decode()), 'wb') as out:
                out.write(row[1])
                out.flush()
                os.fsync(out.fileno())
client.logout()
`;

async function imaplib({ port, user, into }: Place): Promise<void> {
  const { status, stderr } = spawnSync('python3', ['-c', IMAPLIB, String(port), user, into], {
    encoding: 'utf8',
  });
  if (status !== 0) say(`imaplib failed: ${stderr}`);
}
