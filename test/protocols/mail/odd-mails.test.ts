import type { Listener } from '@lanceur/core';
import { contentOf } from '@lanceur/core/testing';
import { imap } from '@lanceur/protocols/imap';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOVECOT, startDovecot, type Dovecot } from '../../servers/dovecot.js';
import { needs } from '../../support/needs.js';
import { mailbox } from '../pop3/mailbox.js';
import { ODD_MAILS, type OddMail } from './odd-mails.js';

/** As it is on the wire. */
const bytesOf = ({ source }: OddMail): Buffer =>
  Buffer.from(source.replaceAll('\n', '\r\n').replaceAll('\r\r\n', '\r\n'), 'latin1');

interface Read {
  readonly documents: OddMail['documents'];
  readonly problems: string | undefined;
}

async function read(listener: Listener): Promise<Read> {
  const session = await listener.connect();
  try {
    const documents: (readonly [string, string])[] = [];
    let problems: string | undefined;
    for await (const ref of session.list()) {
      const delivery = await session.open(ref);
      for (const document of delivery.documents) {
        documents.push([document.name, (await contentOf(document)).toString('latin1')]);
      }
      problems = delivery.attributes['problems'];
      await delivery[Symbol.asyncDispose]();
    }
    return { documents, problems };
  } finally {
    await session.close();
  }
}

describe('by POP3, people get what they see in a mail client', () => {
  test.each(ODD_MAILS)('$name', async (odd) => {
    const { listener } = await mailbox({ mails: [{ uidl: 'u1', content: bytesOf(odd) }] });
    expect((await read(listener())).documents).toEqual(odd.documents);
  });
});

describe.skipIf(!needs(DOVECOT.program, DOVECOT))('by IMAP, people get the same', () => {
  let server: Dovecot;

  beforeAll(async () => {
    const users = Object.fromEntries(ODD_MAILS.map((_, i) => [`u${String(i)}@example.org`, 'secret']));
    server = await startDovecot({ users });
  });

  afterAll(async () => {
    await server.stop();
  });

  test.each(ODD_MAILS.map((odd, i) => ({ ...odd, i })))('$name', async ({ i, ...odd }) => {
    const user = `u${String(i)}@example.org`;
    await server.deliver(bytesOf(odd), { user });
    const options = {
      host: server.host,
      port: server.ports.imap,
      tls: 'none',
      user,
      password: 'secret',
    } as const;
    const { documents, problems } = await read(imap(options));
    expect(documents).toEqual(odd.onlyWhole === true ? [] : odd.documents);
    // What is lost is said.
    if (odd.onlyWhole === true) expect(problems).toBe('the mail: none of its parts could be found');
  });
});
