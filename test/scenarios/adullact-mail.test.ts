// Envelopes that come attached to mails, through a real server, to the waiting directories of their jobs.
import { gzipSync } from 'node:zlib';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envelopes } from '@lanceur/adullact';
import { byExtension, Launcher, memoryLedger, nameFilter, type Listener } from '@lanceur/core';
import { imap, remove } from '@lanceur/protocols/imap';
import { pop3 } from '@lanceur/protocols/pop3';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { acteXml, enveloppeXml, metadata, PDF, pivotXml } from '../adullact/support/samples.js';
import { tarGzOf } from '../adullact/support/tar.js';
import { zipOf } from '../adullact/support/zip.js';
import { compose } from '../servers/compose.js';
import { DOVECOT, startDovecot, type Dovecot } from '../servers/dovecot.js';
import { needs } from '../support/needs.js';

const HAS_DOVECOT = needs(DOVECOT.program, DOVECOT);

const PIVOT = pivotXml([{ number: 'FAC-1', pdf: PDF('facture') }]);
const DEPOSIT = zipOf([
  { name: '3125108.xml', content: PIVOT },
  { name: 'bon de livraison.pdf', content: PDF('bon') },
  {
    name: 'metadata.xml',
    content: metadata.xml({
      data: { id_facture_cpp: '3125108' },
      files: { fichier_facture: ['3125108.xml'], facture_pj_02: ['bon de livraison.pdf'] },
    }),
  },
]);
const ACTES = tarGzOf([
  { name: 'EACT--005520135--20260131-1.xml', content: enveloppeXml(['034-A1-DE-1-1_0.xml']) },
  { name: '034-A1-DE-1-1_0.xml', content: acteXml('A1', '034-A1-DE-1-1_1.pdf') },
  { name: '034-A1-DE-1-1_1.pdf', content: PDF('acte') },
]);

describe.skipIf(!HAS_DOVECOT).each(['imap', 'pop3'] as const)('envelopes by mail: %s', (protocol) => {
  let server: Dovecot;
  let base = '';
  let launcher: Launcher;

  beforeAll(async () => {
    server = await startDovecot({ users: { 'imap@example.org': 'secret', 'pop3@example.org': 'secret' } });
  });
  afterAll(async () => {
    await server.stop();
  });

  const user = `${protocol}@example.org`;
  const messages = async () => await server.messages({ user });

  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'lanceur-envelope-mail-'));
    for (const job of ['factures', 'actes']) await mkdir(join(base, 'wait', job), { recursive: true });
    launcher = new Launcher({
      id: '16',
      listener: mailbox(),
      expand: envelopes(),
      spool: join(base, 'spool'),
      filter: nameFilter('*.*'),
      grouper: byExtension({ chorus_fact: '87', acte_nature: '12' }),
      submitter: waitingDirectory({
        jobs: { '87': join(base, 'wait', 'factures'), '12': join(base, 'wait', 'actes') },
        layout: 'folder',
        manifest: true,
      }),
      ledger: memoryLedger(),
    });
  });
  afterEach(async () => {
    await launcher.close();
    await rm(base, { recursive: true, force: true, maxRetries: 5 });
  });

  function mailbox(): Listener {
    const login = { host: server.host, tls: 'none', user, password: 'secret' } as const;
    return protocol === 'imap'
      ? imap({ ...login, port: server.ports.imap, mailbox: 'INBOX', after: remove() })
      : pop3({ ...login, port: server.ports.pop3, spool: join(base, 'spool') });
  }

  /** What lies in the waiting directory of a job: the files of each group, the manifests read. */
  async function placed(job: string) {
    const folder = join(base, 'wait', job);
    const groups = (await readdir(folder)).filter((name) => !name.startsWith('.'));
    return await Promise.all(
      groups.map(async (group) => {
        const names = (await readdir(join(folder, group))).sort();
        const text = await readFile(join(folder, group, 'manifest.json'), 'utf8');
        const { attributes } = JSON.parse(text) as { readonly attributes: Readonly<Record<string, string>> };
        const content = (name: string) => readFile(join(folder, group, name));
        return { names: names.filter((name) => name !== 'manifest.json'), attributes, content };
      }),
    );
  }

  test('a deposit and an @ctes archive of one mail go to the jobs of their types, whole, and the mail leaves', async () => {
    const attachments = [
      { name: 'Dépôt 3125108.zip', content: DEPOSIT, type: 'application/zip' },
      { name: 'SIC-EACT--005520135--20260131-1.tar.gz', content: ACTES, type: 'application/gzip' },
    ];
    await server.deliver(compose({ subject: 'Envoi du mois', attachments }), { user });
    const report = await launcher.run();
    expect(report.ended.map(({ is, how }) => [is, how])).toEqual([['accept', 'removed']]);

    const [invoice] = await placed('factures');
    expect(invoice?.names).toEqual(['3125108.xml', 'FAC-1.pdf', 'bon de livraison.pdf', 'metadata.xml']);
    expect(await invoice?.content('FAC-1.pdf')).toEqual(PDF('facture'));
    expect((await invoice?.content('3125108.xml'))?.toString()).toBe(PIVOT);
    expect(invoice?.attributes).toMatchObject({
      'chorus_fact#1.envelope.kind': 'CPPFacturePivot',
      'chorus_fact#1.number': 'FAC-1',
    });

    const [act] = await placed('actes');
    expect(act?.names).toHaveLength(3);
    expect(act?.attributes).toMatchObject({ 'acte_nature#2.envelope.kind': 'Acte' });
    expect(await act?.content('034-A1-DE-1-1_1.pdf')).toEqual(PDF('acte'));

    expect(await messages()).toEqual([]);
    expect((await launcher.run()).ended).toEqual([]);
  });

  test('a gzip that is no archive, and a mail without envelope, stay where they are, with the reason', async () => {
    const attachments = [{ name: 'journal.log.gz', content: gzipSync('a log'), type: 'application/gzip' }];
    await server.deliver(compose({ subject: 'Journal', attachments }), { user });
    const report = await launcher.run();
    expect(report.ended).toEqual([]);
    expect(report.left.map(({ name }) => name)).toEqual(['Journal']);
    expect(report.left[0]?.reason.message).toMatch(/no job takes|not an envelope/u);
    expect(await placed('factures')).toEqual([]);
    const [mail] = await messages();
    expect(mail?.content.toString()).toContain('journal.log.gz');
    await server.deliver(compose({ subject: 'Suite', attachments: [{ name: 'd.zip', content: DEPOSIT }] }), {
      user,
    });
    // What stays does not stand in the way of what comes after it.
    expect((await launcher.run()).ended).toHaveLength(1);
    expect(await messages()).toHaveLength(1);
  });

  test('a zip that is cut short is rejected with its reason, and nothing of its mail is handed over', async () => {
    const attachments = [
      { name: 'entier.zip', content: DEPOSIT },
      { name: 'coupé.zip', content: DEPOSIT.subarray(0, -40) },
    ];
    await server.deliver(compose({ subject: 'Abîmé', attachments }), { user });
    const report = await launcher.run();
    expect(report.ended.map(({ is, reason }) => [is, reason?.code])).toEqual([
      ['reject', 'ENVELOPE_DAMAGED'],
    ]);
    expect(report.ended[0]?.reason?.message).toContain('coupé.zip');
    expect(await placed('factures')).toEqual([]);
  });
});
