import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imap, keep, moveTo, remove } from '@lanceur/protocols/imap';
import { pop3 } from '@lanceur/protocols/pop3';
import type { Listener } from '@lanceur/core';
import {
  memoryCold,
  type Arrival,
  type LifeBlocks,
  type LifeProcess,
  type LifeWorld,
  type LifeWorldOptions,
  type Story,
} from '@lanceur/core/testing';
import { ScriptedAccount, startScriptedImap } from '../../servers/scripted-imap.js';
import { startScriptedPop3 } from '../../servers/scripted-pop3.js';
import { Gate } from './gate.js';
import { ACCEPTED, imapMailbox, Maildrop, pop3Mailbox, REJECTED, type Mailbox } from './mailbox.js';

/** What a mail server is like. */
export interface MailSetting {
  readonly protocol: 'imap' | 'pop3';
  readonly capabilities: readonly string[];
}

/** A server for one process: what that one does there goes through its steps. */
interface Door {
  readonly listener: Listener;
  /** The process is gone, and with it its connections. */
  close(): Promise<void>;
}

interface Place {
  readonly mailbox: Mailbox;
  open(process: LifeProcess, gate: Gate): Promise<Door>;
}

/** How long a server holds a mailbox for a client that is dead. */
const LINGERS_MS = 5_000;

/** Names for accounts: a session that has died keeps its account for ever, and a later server may get its port. */
let accounts = 0;

/** The listeners for mail as they are, each process at a server of its own through which it sees the one mailbox. */
export function mailWorld({ protocol, capabilities }: MailSetting) {
  return (story: Story, o: LifeWorldOptions): LifeWorld => {
    const doors = new Set<Door>();
    const cut = (): void => {
      for (const door of sessions) door();
    };
    const sessions = new Set<() => void>();
    const place =
      protocol === 'imap'
        ? imapPlace(story, capabilities, cut, sessions)
        : pop3Place(story, capabilities, cut, sessions, o.time);
    const cold = memoryCold({ jobs: ['87', '88'], ...story.cold, now: o.clock.now });
    return {
      source: place.mailbox,
      cold: {
        arrivals: () =>
          cold.arrivals.map(({ job, bytes, submissionId }: Arrival) => ({
            job,
            submissionId,
            content: bytes.toString(),
          })),
        eat: () => void cold.eat(),
      },
      async enter(process): Promise<LifeBlocks> {
        const gate = new Gate(o.time, process);
        const door = await o.time.outside(() => place.open(process, gate));
        doors.add(door);
        return {
          listener: gate.through(door.listener, 'the mailbox'),
          submitter: cold.seenBy(process.step),
          ledger: await o.ledger(process),
          died() {
            gate.die();
            doors.delete(door);
            void o.time.outside(() => door.close());
          },
        };
      },
      async close() {
        await Promise.all([...doors].map((door) => door.close()));
      },
    };
  };
}

/** The story as a mailbox can play it: nobody rewrites a mail, and by POP3 a rejected one stays. */
export function asMailbox(story: Story, { protocol, capabilities }: MailSetting): Story {
  const isPop3 = protocol === 'pop3';
  // A server that does not tell where it has put a mail, and a mail without a mark: nobody finds it there.
  const needsMark = !isPop3 && !capabilities.includes('UIDPLUS');
  return {
    ...story,
    source: {
      ...story.source,
      concurrentSessions: !isPop3,
      settleEndsSession: isPop3,
      listsDocuments: !isPop3,
      same: story.source.same || needsMark,
      rejects: isPop3 ? 'keep' : 'quarantine',
      after: isPop3 && story.source.after === 'move' ? 'remove' : story.source.after,
    },
    events: story.events.filter((event) => event.do !== 'rewrite'),
    // There are several times as many steps as with doubles.
    processes: story.processes.map((process) => ({
      ...process,
      dies: process.dies.map((when) => (typeof when === 'number' ? when * 5 : when)),
      freezes: process.freezes.map(({ when, ms }) => ({
        when: typeof when === 'number' ? when * 5 : when,
        ms,
      })),
    })),
  };
}

/** What a story calls what a command does, so that a process can die there. */
function effectOf(command: string): string {
  const what: Readonly<Record<string, string>> = {
    ...{ MOVE: 'settle', COPY: 'settle', STORE: 'settle', EXPUNGE: 'settle', DELE: 'settle', QUIT: 'settle' },
    ...{ FETCH: 'open', RETR: 'open', SEARCH: 'list', UIDL: 'list', TOP: 'list' },
  };
  const name = command.split(' ')[0]?.toUpperCase() ?? '';
  return `${what[name] ?? 'connect'} (${name})`;
}

function imapPlace(
  story: Story,
  capabilities: readonly string[],
  cut: () => void,
  sessions: Set<() => void>,
): Place {
  const account = new ScriptedAccount();
  return {
    mailbox: imapMailbox(story, account, cut),
    async open({ clock }, gate) {
      const server = await startScriptedImap({
        account,
        capabilities,
        around: ({ name }, act) => gate.effect(effectOf(name), act),
      });
      const cutThese = () => server.cut();
      sessions.add(cutThese);
      const { after } = story.source;
      const listener = imap({
        source: 'mailbox',
        host: '127.0.0.1',
        port: server.port,
        tls: 'none',
        user: server.user,
        password: server.password,
        after: after === 'remove' ? remove() : after === 'keep' ? keep() : moveTo(ACCEPTED),
        quarantine: REJECTED,
        clock,
      });
      return {
        listener,
        async close() {
          sessions.delete(cutThese);
          await server.stop();
        },
      };
    },
  };
}

function pop3Place(
  story: Story,
  capabilities: readonly string[],
  cut: () => void,
  sessions: Set<() => void>,
  time: LifeWorldOptions['time'],
): Place {
  const maildrop = new Maildrop();
  let holder: LifeProcess | undefined;
  return {
    mailbox: pop3Mailbox(story, maildrop, cut),
    async open(process, gate) {
      let isDead = false;
      const letGo = () => {
        if (holder === process) holder = undefined;
      };
      const user = `jean-${String(++accounts)}`;
      const server = await startScriptedPop3({
        maildrop,
        capabilities,
        user,
        async around(line, act, say) {
          // RFC 1939, section 4: one session has the mailbox until it ends.
          if (line.startsWith('PASS ')) {
            if (holder !== undefined) {
              say('-ERR [IN-USE] another session has it\r\n');
              return;
            }
            holder = process;
          }
          await gate.effect(effectOf(line), act);
          if (line === 'QUIT') letGo();
        },
        onClose() {
          if (!isDead) letGo();
        },
      });
      const cutThese = () => {
        server.cut();
        letGo();
      };
      sessions.add(cutThese);
      const listener = pop3({
        source: 'mailbox',
        host: '127.0.0.1',
        port: server.port,
        tls: 'none',
        user,
        password: 'secret',
        spool: join(tmpdir(), 'a-spool-that-small-mails-never-need'),
        after: story.source.after === 'keep' ? 'keep' : 'delete',
        clock: process.clock,
      });
      return {
        listener,
        async close() {
          sessions.delete(cutThese);
          isDead = true;
          time.after(LINGERS_MS, letGo);
          await server.stop();
        },
      };
    },
  };
}
