import { byExtension, Launcher, memoryLedger, nameFilter, type Listener } from '@lanceur/core';
import { contentOf, memoryCold } from '@lanceur/core/testing';
import { imap, type ImapOptions } from '@lanceur/protocols/imap';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startScriptedImap } from '../../servers/scripted-imap.js';
import { list, mailbox, refs, withSession } from '../pop3/mailbox.js';
import { mailWith } from '../pop3/mails.js';
import { tnefOf, type PackedFile } from './tnef-writer.js';

type Documents = NonNullable<ImapOptions['documents']>;

/** Larger than what is fetched together with other mails. */
const LARGE = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 31) % 251));
const PDF: PackedFile = { longName: 'Facture 12.pdf', content: Buffer.from('%PDF') };

async function byImap(packed: Buffer): Promise<(documents?: Documents) => Listener> {
  const server = await startScriptedImap({
    mails: [{ uid: 1, subject: 'Facture', attachments: [{ name: 'winmail.dat', content: packed }] }],
  });
  onTestFinished(() => server.stop());
  const at = { host: '127.0.0.1', port: server.port, tls: 'none', user: 'jean', password: 'secret' } as const;
  return (documents = {}) => imap({ ...at, documents });
}

async function byPop3(packed: Buffer): Promise<(documents?: Documents) => Listener> {
  const content = mailWith('Facture', [{ name: 'winmail.dat', content: packed }]);
  const { listener } = await mailbox({ mails: [{ uidl: 'u1', content }] });
  return (documents = {}) => listener({ documents });
}

async function documentsOf(listener: Listener) {
  return await withSession(listener, async (session) => {
    const [ref] = await refs(session);
    const { documents, attributes } = await session.open(ref!);
    const found = [];
    // All at once, and each twice: several lie in one part.
    for (const document of documents) {
      const [one, other] = await Promise.all([contentOf(document), contentOf(document)]);
      expect(one.equals(other)).toBe(true);
      expect(document.size).toBe(one.length);
      found.push([document.name, one] as const);
    }
    return { found, attributes };
  });
}

describe.each([
  ['IMAP', byImap],
  ['POP3', byPop3],
])('winmail.dat, by %s', (_, start) => {
  test('brings the invoice in it through a filter for PDF to its job, and the mail away', async () => {
    const listener = await start(tnefOf([PDF]));
    const cold = memoryCold();
    const launcher = new Launcher({
      id: '1',
      listener: listener(),
      filter: nameFilter('*.pdf'),
      grouper: byExtension({ pdf: '87' }),
      submitter: cold,
      ledger: memoryLedger(),
    });
    expect((await launcher.run()).left).toEqual([]);
    expect(cold.arrivals.map(({ name }) => name)).toEqual(['Facture 12.pdf']);
    expect(await list(listener())).toEqual([]);
  });

  test('is left in the mailbox with what it holds, where nothing of it is wanted', async () => {
    const listener = await start(tnefOf([PDF]));
    const launcher = new Launcher({
      id: '1',
      listener: listener(),
      filter: nameFilter('*.xml'),
      grouper: byExtension({ xml: '12' }),
      submitter: memoryCold(),
      ledger: memoryLedger(),
    });
    const { left } = await launcher.run();
    expect(left.map(({ reason }) => reason.code)).toEqual(['NOTHING_WANTED']);
    expect(await list(listener())).toHaveLength(1);
  });

  test('gives files of any size, the same however often they are read', async () => {
    const listener = await start(tnefOf([PDF, { title: 'plan.tif', content: LARGE }]));
    const { found } = await documentsOf(listener());
    expect(found.map(([name]) => name)).toEqual(['Facture 12.pdf', 'plan.tif']);
    expect(found[1]?.[1].equals(LARGE)).toBe(true);
  });

  test('is that file itself where that is what is asked for', async () => {
    const packed = tnefOf([PDF]);
    const { found } = await documentsOf((await start(packed))({ winmail: false }));
    expect(found.map(([name]) => name)).toEqual(['winmail.dat']);
    expect(found[0]?.[1].equals(packed)).toBe(true);
  });

  test('gives pictures of the text where these are asked for', async () => {
    const listener = await start(
      tnefOf([{ title: 'a.png', content: Buffer.from('PNG'), hidden: true }, PDF]),
    );
    expect((await documentsOf(listener())).found.map(([name]) => name)).toEqual(['Facture 12.pdf']);
    const all = await documentsOf(listener({ inlineAbove: 2 }));
    expect(all.found.map(([name]) => name)).toEqual(['a.png', 'Facture 12.pdf']);
    expect((await documentsOf(listener({ inlineAbove: 3 }))).found).toHaveLength(1);
  });

  test('is handed over beside what it holds where a message of Outlook is attached in it, and that is said', async () => {
    const listener = await start(tnefOf([PDF, { title: 'm', method: 5, object: tnefOf([]) }]));
    const { found, attributes } = await documentsOf(listener());
    expect(found.map(([name]) => name)).toEqual(['Facture 12.pdf', 'winmail.dat']);
    expect(attributes['problems']).toContain('can be opened by Outlook alone');
  });

  test('has no name that reaches outside', async () => {
    const listener = await start(tnefOf([{ longName: '..\\..\\etc/pass:wd', content: Buffer.from('x') }]));
    const [name = ''] = (await documentsOf(listener())).found.map(([each]) => each);
    expect(name).not.toMatch(/[\\/:]/u);
  });
});
