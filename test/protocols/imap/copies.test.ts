// A move where a server has no MOVE: COPY, STORE \Deleted, EXPUNGE, and a process that dies between them.
import {
  Launcher,
  memoryLedger,
  toJob,
  type End,
  type ItemRef,
  type Settled,
  type SourceMemory,
} from '@lanceur/core';
import { memoryCold } from '@lanceur/core/testing';
import { imap, remove, type ImapOptions } from '@lanceur/protocols/imap';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  ScriptedAccount,
  startScriptedImap,
  type Meddling,
  type ScriptedCommand,
  type ScriptedImap,
  type ScriptedMail,
} from '../../servers/scripted-imap.js';
import { listed } from './life.js';

const ACCEPTED = 'Lanceur/Accepted';
const REJECTED = 'Lanceur/Rejected';
const folderOf = (end: End) => (end === 'accept' ? ACCEPTED : REJECTED);

let server: ScriptedImap;
let account: ScriptedAccount;
let memory: SourceMemory;
let meddle: (command: ScriptedCommand) => Meddling;

beforeEach(() => {
  memory = memoryLedger().memory('mailbox');
  meddle = () => undefined;
});

afterEach(async () => {
  await server.stop();
});

async function start(mails: readonly ScriptedMail[], capabilities: readonly string[]): Promise<void> {
  account = new ScriptedAccount(mails);
  server = await startScriptedImap({ account, capabilities, meddle: (command) => meddle(command) });
}

/** What the next process does with these mails; `undefined` if it died. */
async function settle(
  refs: readonly ItemRef[],
  end: End = 'accept',
  options: Partial<ImapOptions> = {},
): Promise<readonly Settled[] | undefined> {
  const session = await connect(options);
  try {
    return await session.settle(refs.map((ref) => ({ ref, end })));
  } catch {
    return undefined;
  } finally {
    await session.close();
  }
}

function listener(options: Partial<ImapOptions> = {}) {
  const { port, user, password } = server;
  return imap({ host: '127.0.0.1', port, tls: 'none', user, password, ...options });
}

async function connect(options: Partial<ImapOptions> = {}) {
  return await listener(options).connect({ memory });
}

async function refs(): Promise<readonly ItemRef[]> {
  const session = await connect();
  const all = await listed(session);
  await session.close();
  return all;
}

/** The process dies before this command is carried out. */
async function dyingAt(name: string, work: () => Promise<readonly Settled[] | undefined>): Promise<void> {
  meddle = (command) => (command.name === name ? 'cut' : undefined);
  expect(await work()).toBeUndefined();
  meddle = () => undefined;
}

const subjectsIn = (folder: string) =>
  (account.folders.get(folder) ?? []).map(({ subject }) => subject).sort();
const count = (command: string) => server.lines.filter((line) => line.includes(` ${command} `)).length;

const a: ScriptedMail = { uid: 1, subject: 'a', attachments: [{ name: 'a.pdf', content: Buffer.from('a') }] };
const MAILS: readonly ScriptedMail[] = [
  a,
  { ...a, uid: 2, subject: 'b' },
  { ...a, uid: 3, subject: 'c', messageId: '' },
];
/** Alike in every byte, as a mail is that somebody has copied in its own folder. */
const TWINS: readonly ScriptedMail[] = [1, 2].map((uid) => ({ ...a, uid, messageId: '<a@example.org>' }));

describe.each([
  ['UIDPLUS', ['IMAP4rev1', 'UIDPLUS']],
  ['nothing beyond the standard', ['IMAP4rev1']],
] as const)('on a server with %s', (_, capabilities) => {
  for (const end of ['accept', 'reject'] as const) {
    test.each(['COPY', 'STORE', 'EXPUNGE', 'NOOP'])(
      `a process that dies before %s leaves the next one to end it: ${end}, and each mail is there once`,
      async (command) => {
        await start(MAILS, capabilities);
        const all = await refs();
        // The last NOOP looks whether all are gone, the first whether they are there.
        if (command === 'NOOP')
          meddle = ({ name, nth }) => (name === command && nth === 2 ? 'cut' : undefined);
        else meddle = ({ name }) => (name === command ? 'cut' : undefined);
        expect(await settle(all, end)).toBeUndefined();
        meddle = () => undefined;
        const how = command === 'NOOP' ? 'gone' : 'removed';
        expect(await settle(all, end)).toMatchObject([{ how }, { how }, { how }]);
        expect(subjectsIn('INBOX')).toEqual([]);
        expect(subjectsIn(folderOf(end))).toEqual(['a', 'b', 'c']);
      },
    );
  }

  test('a mail whose deletion the server refuses is copied once, however often it is tried', async () => {
    await start([a], capabilities);
    const all = await refs();
    meddle = ({ tag, name }) => (name === 'STORE' ? { send: `${tag} NO not now\r\n` } : undefined);
    for (let poll = 1; poll <= 3; poll++) expect(await settle(all)).toMatchObject([{ how: 'failed' }]);
    expect(subjectsIn(ACCEPTED)).toEqual(['a']);
    meddle = () => undefined;
    expect(await settle(all)).toMatchObject([{ how: 'removed' }]);
    expect(subjectsIn(ACCEPTED)).toEqual(['a']);
  });

  test('mails that are copied one by one, since the server refuses them together, need one connection', async () => {
    await start(MAILS, capabilities);
    account.folders.set(ACCEPTED, []);
    const all = await refs();
    const before = count('LOGIN');
    meddle = ({ tag, name, line }) =>
      name === 'COPY' && /COPY (?:1:3|1,2,3|2) /u.test(line) ? { send: `${tag} NO not this\r\n` } : undefined;
    expect(await settle(all)).toMatchObject([{ how: 'removed' }, { how: 'failed' }, { how: 'removed' }]);
    expect(count('LOGIN') - before).toBe(1);
  });

  test('two mails alike of which one copy is there are both copied: it may be of either', async () => {
    await start(TWINS, capabilities);
    account.folders.set(ACCEPTED, []);
    const all = await refs();
    await dyingAt('STORE', () => settle(all));
    // As a server leaves it that died as well.
    account.keep(ACCEPTED, ({ uid }) => uid !== 2);
    expect(await settle(all)).toMatchObject([{ how: 'removed' }, { how: 'removed' }]);
    expect(subjectsIn(ACCEPTED)).toEqual(['a', 'a', 'a']);
    expect(subjectsIn('INBOX')).toEqual([]);
  });

  test('the copy of one mail is not taken for that of another one alike, which a process died with', async () => {
    await start(TWINS, capabilities);
    account.folders.set(ACCEPTED, []);
    const [one, other] = await refs();
    await dyingAt('COPY', () => settle([one!]));
    expect(await settle([other!])).toMatchObject([{ how: 'removed' }]);
    expect(await settle([one!])).toMatchObject([{ how: 'removed' }]);
    expect(subjectsIn(ACCEPTED)).toEqual(['a', 'a']);
    expect(subjectsIn('INBOX')).toEqual([]);
  });

  test('what was in the folder before, or has only the same size, is not taken for a copy', async () => {
    await start(TWINS.slice(0, 1), capabilities);
    account.folders.set(ACCEPTED, []);
    account.add(ACCEPTED, TWINS[0]!);
    const [one] = await refs();
    await dyingAt('COPY', () => settle([one!]));
    account.add(ACCEPTED, { ...TWINS[0]!, subject: 'z' });
    expect(await settle([one!])).toMatchObject([{ how: 'removed' }]);
    expect(subjectsIn(ACCEPTED)).toEqual(['a', 'a', 'z']);
  });

  test('a copy that somebody has deleted in the meantime is made again', async () => {
    await start(MAILS.slice(0, 1), capabilities);
    const [one] = await refs();
    await dyingAt('STORE', () => settle([one!]));
    account.keep(ACCEPTED, () => false);
    expect(await settle([one!])).toMatchObject([{ how: 'removed' }]);
    expect(subjectsIn(ACCEPTED)).toEqual(['a']);
  });

  test('a rejected mail without any mark whose copy was found is put back from there', async () => {
    await start([MAILS[2]!], capabilities);
    const all = await refs();
    await dyingAt('STORE', () => settle(all, 'reject'));
    await settle(all, 'reject');
    expect(subjectsIn(REJECTED)).toEqual(['c']);
    const session = await connect();
    expect(await session.restore!(all)).toHaveLength(1);
    await session.close();
    expect(subjectsIn('INBOX')).toEqual(['c']);
  });

  test('what is remembered of a move is forgotten when it is over', async () => {
    await start(MAILS, capabilities);
    const all = await refs();
    const keys = new Set<string>();
    const { read, write } = memory;
    memory = {
      read,
      async write(entries) {
        for (const key of entries.keys()) keys.add(key);
        await write(entries);
      },
    };
    await dyingAt('STORE', () => settle(all));
    await settle(all);
    expect(keys.size).toBeGreaterThanOrEqual(2 * MAILS.length);
    expect(await read([...keys])).toEqual(new Map());
  });
});

test('without UIDPLUS, mails that a process died with after marking them are deleted one by one', async () => {
  await start(MAILS, ['IMAP4rev1']);
  const all = await refs();
  const after = remove();
  await dyingAt('EXPUNGE', () => settle(all, 'accept', { after }));
  for (const ref of all) {
    const [settled] = (await settle([ref], 'accept', { after }))!;
    expect(['removed', 'gone']).toContain(settled?.how);
  }
  expect(subjectsIn('INBOX')).toEqual([]);
});

test('without UIDPLUS, a mail that a person has marked stays, also beside those that a process died with', async () => {
  await start([...MAILS, { ...a, uid: 9, subject: 'undecided', flags: ['\\Deleted'] }], ['IMAP4rev1']);
  const all = await refs();
  const after = remove();
  account.keep('INBOX', ({ uid }) => uid !== 9);
  await dyingAt('EXPUNGE', () => settle(all, 'accept', { after }));
  account.add('INBOX', { ...a, subject: 'undecided', flags: ['\\Deleted'] });
  expect(await settle(all, 'accept', { after })).toMatchObject([
    { how: 'failed' },
    { how: 'failed' },
    { how: 'failed' },
  ]);
  expect(subjectsIn('INBOX')).toEqual(['a', 'b', 'c', 'undecided']);
});

test('a mail that a process died with after marking it, in a mailbox that was renumbered then, stays until the mark is taken away', async () => {
  await start([a], ['IMAP4rev1', 'UIDPLUS']);
  const ledger = memoryLedger();
  const submitter = memoryCold();
  const run = async () => {
    const launcher = new Launcher({
      id: '1',
      listener: listener({ after: remove() }),
      grouper: toJob('87'),
      submitter,
      ledger,
    });
    await launcher.run().finally(() => launcher.close());
  };
  meddle = ({ name }) => (name === 'EXPUNGE' ? 'cut' : undefined);
  await expect(run()).rejects.toMatchObject({ scope: 'source' });
  meddle = () => undefined;
  server.uidValidity = 2;
  const renumbered = { ...account.folders.get('INBOX')![0]!, uid: 7, messageId: '<1@example.org>' };
  expect(renumbered.flags).toEqual(['\\Deleted']);
  account.folders.set('INBOX', [renumbered]);
  await run();
  expect(subjectsIn('INBOX')).toEqual(['a']);
  account.folders.set('INBOX', [{ ...renumbered, flags: [] }]);
  await run();
  expect(subjectsIn('INBOX')).toEqual([]);
  expect(submitter.arrivals).toHaveLength(1);
});
