import { LanceurError } from '@lanceur/core';
import { expect, test } from 'vitest';
import { mailbox, refs } from './mailbox.js';
import { mailWith } from './mails.js';

const codeOf = (error: unknown): string => (LanceurError.is(error) ? error.code : String(error));

function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

test('a session that is closed while it settles lets the server say what it has done', async () => {
  const [asked, answer] = [gate(), gate()];
  const { server, listener } = await mailbox({
    mails: [{ uidl: 'a', content: mailWith('one', []) }],
    around: async (line, act) => {
      if (line === 'QUIT') {
        asked.open();
        await answer.opened;
      }
      act();
    },
  });
  const session = await listener().connect();
  const found = await refs(session);
  const settling = session.settle(found.map((ref) => ({ ref, end: 'accept' }))).catch(codeOf);
  await asked.opened;
  const closing = session.close();
  answer.open();
  expect(await settling).toMatchObject([{ how: 'removed' }]);
  await closing;
  expect(server.commands.filter((line) => line === 'QUIT')).toHaveLength(1);
});

test('a session that is closed while it connects anew leaves no connection behind', async () => {
  const [asked, answer, ended] = [gate(), gate(), gate()];
  let closed = 0;
  const { server, listener } = await mailbox({
    mails: [{ uidl: 'a', content: mailWith('one', [{ name: 'a.pdf', content: 'a' }]) }],
    instead: (line, connection) => (line === 'RETR 1' && connection === 1 ? { cutAfter: '' } : undefined),
    around: async (line, act) => {
      if (line.startsWith('PASS') && server.connections === 2) {
        asked.open();
        await answer.opened;
      }
      act();
    },
    onClose: () => {
      if (++closed === 2) ended.open();
    },
  });
  const session = await listener().connect();
  const [ref] = await refs(session);
  const opening = session.open(ref!).then(() => 'came', codeOf);
  await asked.opened;
  await session.close();
  answer.open();
  expect(await opening).toBe('CLOSED');
  await ended.opened;
});
