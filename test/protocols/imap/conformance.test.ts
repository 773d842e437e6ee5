import { rm } from 'node:fs/promises';
import { listenerSuite, type ListenerBench } from '@lanceur/core/testing';
import { flag, imap, keep, remove, type ImapOptions } from '@lanceur/protocols/imap';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { needs } from '../../support/needs.js';
import { compose } from '../../servers/compose.js';
import { DOVECOT } from '../../servers/dovecot.js';
import { startAccounts, type Accounts } from './accounts.js';

const HAS_DOVECOT = needs(DOVECOT.program, DOVECOT);
let accounts: Accounts;

beforeAll(async () => {
  if (HAS_DOVECOT) accounts = await startAccounts();
});

afterAll(async () => {
  if (HAS_DOVECOT) await accounts.stop();
});

function bench(options: Partial<ImapOptions>): () => Promise<ListenerBench> {
  return async () => {
    const account = accounts.next();
    const { user } = account;
    const make = () => imap({ ...account, ...options });
    const files = new Map<string, string>();
    const putSeveral: NonNullable<ListenerBench['putSeveral']> = async (name, documents) => {
      files.set(
        name,
        await accounts.server.deliver(compose({ subject: name, attachments: documents }), { user }),
      );
    };
    return {
      listener: make(),
      again: async () => make(),
      put: (name, content) => putSeveral(name, [{ name, content }]),
      putSeveral,
      async remove(name) {
        // The server may have renamed it when it was first seen.
        const id = files.get(name)!.split('/').at(-1)!;
        for (const message of await accounts.server.messages({ user }))
          if (message.file.includes(id)) await rm(message.file);
      },
      async read(name) {
        const id = files.get(name)!.split('/').at(-1)!;
        const messages = await accounts.server.messages({ user });
        const found = messages.find((message) => message.file.includes(id))?.content.toString('latin1');
        const encoded = found && /base64\r?\n\r?\n([\s\S]*?)\r?\n--/u.exec(found)?.[1];
        return encoded === undefined ? undefined : Buffer.from(encoded, 'base64');
      },
      dispose: async () => {},
    };
  };
}

const WITHOUT = ['change', 'changeUnnoticed', 'putUnready'] as const;

describe.skipIf(!HAS_DOVECOT)('IMAP: accepted mail is moved', () => {
  for (const c of listenerSuite({ create: bench({}), without: WITHOUT })) test(c.name, c.run);
});

describe.skipIf(!HAS_DOVECOT)('IMAP: accepted mail is deleted', () => {
  for (const c of listenerSuite({ create: bench({ after: remove() }), without: WITHOUT }))
    test(c.name, c.run);
});

describe.skipIf(!HAS_DOVECOT)('IMAP: accepted mail is marked', () => {
  const create = bench({ after: flag('Lanceur') });
  for (const c of listenerSuite({ create, without: WITHOUT })) test(c.name, c.run);
});

describe.skipIf(!HAS_DOVECOT)('IMAP: accepted mail is kept', () => {
  for (const c of listenerSuite({ create: bench({ after: keep() }), without: WITHOUT })) test(c.name, c.run);
});
