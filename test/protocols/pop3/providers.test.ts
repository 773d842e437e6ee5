// The known ways of Gmail and of Exchange, by a scripted server: what the user gets, and that the next poll goes on.
import { byExtension, Launcher, memoryLedger } from '@lanceur/core';
import { memoryCold } from '@lanceur/core/testing';
import type { Pop3Options } from '@lanceur/protocols/pop3';
import { describe, expect, test } from 'vitest';
import type { ScriptedOptions } from '../../servers/scripted-pop3.js';
import { list, mailbox } from './mailbox.js';
import { mailWith } from './mails.js';

const mail = (name: string) => ({
  uidl: name,
  content: mailWith(`mail ${name}`, [{ name: `${name}.pdf`, content: `content of ${name}` }]),
});

async function start(scripted: ScriptedOptions, options: Partial<Pop3Options> = {}) {
  const { server, listener } = await mailbox(scripted);
  const cold = memoryCold();
  const launcher = new Launcher({
    id: '1',
    listener: listener(options),
    grouper: byExtension({ pdf: '87' }),
    submitter: cold,
    ledger: memoryLedger(),
  });
  return { server, launcher, arrived: () => cold.arrivals.map(({ name }) => name).sort() };
}

describe('Gmail', () => {
  test('the user "recent:…" is sent as it was written', async () => {
    const { server, listener } = await mailbox({ user: 'recent:factures@mairie.fr' });
    await list(listener({ user: 'recent:factures@mairie.fr' }));
    expect(server.commands).toContain('USER recent:factures@mairie.fr');
  });

  test('some of the mails at a session: each poll goes on, until all have come once', async () => {
    const all = Array.from({ length: 7 }, (_, i) => mail(`m${String(i)}`));
    const { server, launcher, arrived } = await start({ mails: all.slice(0, 3) });
    for (let from = 3; from <= 9; from += 3) {
      await launcher.run();
      expect(server.mails).toEqual([]);
      server.mails = all.slice(from, from + 3);
    }
    expect(arrived()).toEqual(all.map(({ uidl }) => `${uidl}.pdf`));
  });

  test('mails that are hidden from one session to the next, and shown again, come once', async () => {
    const { server, launcher, arrived } = await start({ mails: [mail('a'), mail('b')] }, { after: 'keep' });
    await launcher.run();
    const both = server.mails;
    server.mails = [];
    await launcher.run();
    server.mails = both;
    await launcher.run();
    expect(arrived()).toEqual(['a.pdf', 'b.pdf']);
  });

  test.each([
    '-ERR [SYS/TEMP] Temporary system problem. Please try again later.\r\n',
    '-ERR [IN-USE] busy\r\n',
  ])('a login that fails for now (%j) is no wrong password, and the next poll goes on', async (answer) => {
    const { launcher, arrived } = await start({
      mails: [mail('a')],
      instead: (command, connection) => (command.startsWith('PASS') && connection === 1 ? answer : undefined),
    });
    await expect(launcher.run()).rejects.toMatchObject({ scope: 'source', transient: true });
    await launcher.run();
    expect(arrived()).toEqual(['a.pdf']);
  });
});

describe('Exchange and Microsoft 365', () => {
  test('sizes that are estimates, too large or too small, keep no whole mail from being taken', async () => {
    const { launcher, arrived } = await start(
      {
        mails: [
          { ...mail('a'), size: 5 },
          { ...mail('b'), size: 900_000 },
        ],
      },
      { sizes: 'estimated' },
    );
    await launcher.run();
    expect(arrived()).toEqual(['a.pdf', 'b.pdf']);
  });

  test('a mailbox that was moved gives all its mails other ids, and none is sent again', async () => {
    const { server, launcher, arrived } = await start({ mails: ['a', 'b'].map(mail) }, { after: 'keep' });
    await launcher.run();
    server.mails = server.mails.map((each) => ({ ...each, uidl: `moved-${each.uidl}` }));
    await launcher.run();
    expect(arrived()).toEqual(['a.pdf', 'b.pdf']);
  });
});
