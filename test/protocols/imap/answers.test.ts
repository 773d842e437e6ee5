// What a life comes to, by what a server does instead of answering a command, each time that it is given.
import type { Code } from '@lanceur/core';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  FULL,
  startScriptedImap,
  type Meddling,
  type ScriptedCommand,
  type ScriptedImap,
  type ScriptedOptions,
} from '../../servers/scripted-imap.js';
import { live, outcomeOf } from './life.js';
import { expectAllThere, expectWhole, listenerAt, MAILS } from './three-mails.js';

async function start(options: ScriptedOptions): Promise<ScriptedImap> {
  const server = await startScriptedImap({ mails: MAILS, ...options });
  onTestFinished(() => server.stop());
  return server;
}

/** Of a life in which nothing goes wrong. */
const WHOLE = ': 3 read, 3 removed, 0 failed';
const NOT_LET_IN = 'MAILBOX_FAILED: 0 read, 0 removed, 0 failed';
const NOT_SETTLED = ': 3 read, 0 removed, 3 failed';

/** What a refusal of each command comes to, in the order of a session: some can be done without. */
const REFUSED: Readonly<Record<string, string>> = {
  CAPABILITY: WHOLE,
  ID: WHOLE,
  AUTHENTICATE: NOT_LET_IN,
  NAMESPACE: WHOLE,
  LIST: NOT_LET_IN,
  SELECT: NOT_LET_IN,
  SEARCH: NOT_LET_IN,
  FETCH: 'MAIL_UNREADABLE, MAIL_UNREADABLE, MAIL_UNREADABLE: 0 read, 0 removed, 0 failed',
  MOVE: NOT_SETTLED,
  LOGOUT: WHOLE,
};
/** What a server without MOVE is asked for in addition. */
const REFUSED_WITHOUT_MOVE: Readonly<Record<string, string>> = {
  LOGIN: NOT_LET_IN,
  STATUS: WHOLE,
  COPY: NOT_SETTLED,
  STORE: NOT_SETTLED,
  EXPUNGE: NOT_SETTLED,
  CREATE: NOT_SETTLED,
};
const OLD = ['IMAP4rev1', 'UIDPLUS'];
const COMMANDS = [
  ...Object.keys(REFUSED).map((name) => [name, FULL] as const),
  ...Object.keys(REFUSED_WITHOUT_MOVE).map((name) => [name, OLD] as const),
];
const SETTLING = new Set(['MOVE', 'STATUS', 'COPY', 'STORE', 'EXPUNGE', 'CREATE']);

/** What it comes to when the connection ends, with this error, at a command each time that it is given. */
function broken(code: Code, name: string): string {
  // At the three structures and at two contents: after five mails the server is to blame.
  if (name === 'FETCH') return `MAIL_UNREADABLE, MAIL_UNREADABLE, ${code}: 0 read, 0 removed, 0 failed`;
  if (name === 'LOGOUT') return WHOLE;
  return `${code}: ${SETTLING.has(name) ? '3' : '0'} read, 0 removed, 0 failed`;
}

function refused(name: string): string {
  return REFUSED[name] ?? REFUSED_WITHOUT_MOVE[name] ?? '';
}

interface Answer {
  readonly answer: (command: ScriptedCommand) => Meddling;
  readonly comesTo: (name: string) => string;
}

const ANSWERS: Readonly<Record<string, Answer>> = {
  NO: { answer: ({ tag }) => ({ send: `${tag} NO [SERVERBUG] not now\r\n` }), comesTo: refused },
  BAD: {
    answer: ({ tag }) => ({ send: `${tag} BAD what\r\n` }),
    // Without a word on its own trouble, it is the login that a server does not want.
    comesTo: (name) =>
      /^(?:AUTHENTICATE|LOGIN)$/u.test(name)
        ? refused(name).replace('MAILBOX_FAILED', 'LOGIN_REFUSED')
        : refused(name),
  },
  'a cut connection': { answer: () => 'cut', comesTo: (name) => broken('MAILBOX_FAILED', name) },
  BYE: {
    answer: () => ({ send: '* BYE shutting down\r\n' }),
    comesTo: (name) => broken('MAILBOX_FAILED', name),
  },
  rubbish: {
    answer: () => ({ send: '* ((((( {{{{ nonsense\r\n* 1 FETCH (UID\r\n' }),
    comesTo: (name) => broken('MAILBOX_STALLED', name),
  },
  nothing: { answer: () => 'silence', comesTo: (name) => broken('MAILBOX_STALLED', name) },
};
/** Only what cannot be understood is waited for. */
const WAITED_FOR = new Set(['rubbish', 'nothing']);

describe.each(Object.entries(ANSWERS))('where a server answers with %s', (kind, { answer, comesTo }) => {
  for (const [name, capabilities] of COMMANDS) {
    test(`to ${name}, the life of a session ends in time, as it has to, and no mail is lost`, async () => {
      let meddled = 0;
      const scripted = await start({
        capabilities,
        meddle: (command) => {
          if (command.name !== name) return undefined;
          meddled++;
          return answer(command);
        },
      });
      const life = await live(listenerAt(scripted.port, { timeoutMs: WAITED_FOR.has(kind) ? 400 : 10_000 }));
      expect(meddled).toBeGreaterThan(0);
      expect(outcomeOf(life)).toBe(comesTo(name));
      expectAllThere(scripted);
      expectWhole(life.delivered);
      for (const { how, reason } of life.settled)
        if (how === 'failed') expect(reason?.code).toBe('MAIL_NOT_SETTLED');
      expect(JSON.stringify(life)).not.toContain('secret');
    });
  }
});

test('where a server greets with nothing, it is given up in time', async () => {
  const scripted = await start({ greeting: '\r\n' });
  const life = await live(listenerAt(scripted.port, { timeoutMs: 200 }));
  expectAllThere(scripted);
  expect(outcomeOf(life)).toBe('MAILBOX_STALLED: 0 read, 0 removed, 0 failed');
});
