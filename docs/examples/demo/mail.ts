import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { byExtension, Launcher, memoryLedger, nameFilter, printable } from '@lanceur/core';
import { pop3 } from '@lanceur/protocols/pop3';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';
import { PASSWORD, startMailServer, USER, type MailServer } from './mail-server.js';
import { table } from './table.js';

/** Mails with attachments in, a COLD's waiting directory out. */
export async function mailDemo(): Promise<void> {
  const server = await startMailServer();
  if (server === undefined) {
    console.log('This demo needs a mail server of its own: apt-get install dovecot-pop3d');
    return;
  }
  const base = await mkdtemp(join(tmpdir(), 'lanceur-demo-'));
  try {
    await run(server, base);
  } finally {
    await server.stop();
    await rm(base, { recursive: true, force: true });
  }
}

async function run(server: MailServer, base: string): Promise<void> {
  for (const mail of MAILS) await server.deliver(mail);
  const waiting = join(base, 'factures');
  await mkdir(waiting);
  const launcher = new Launcher({
    id: '17',
    listener: pop3({
      host: '127.0.0.1',
      port: server.port,
      // On this machine only. Elsewhere the default is TLS.
      tls: 'none',
      user: USER,
      password: PASSWORD,
      spool: join(base, 'spool'),
    }),
    filter: nameFilter('*.pdf'),
    grouper: byExtension({ pdf: '87' }),
    submitter: waitingDirectory({ jobs: { '87': waiting } }),
    ledger: memoryLedger(),
  });
  console.log(
    `A mailbox with ${String(await server.count())} mails: launcher 17, filter *.pdf, pdf -> job 87.\n`,
  );
  const report = await launcher.run();
  const rows = [
    ...report.ended.map(({ ref, is, submissions, reason }) => [
      printable(ref.name),
      is === 'accept' ? 'taken' : is === 'aside' ? 'put aside' : 'rejected',
      submissions.map(({ job }) => `job ${job}`).join(', '),
      [
        ...submissions.flatMap((s) => s.receipt.documents.map((d) => d.placedAs ?? d.name)),
        reason?.message ?? '',
      ]
        .filter((text) => text !== '')
        .join('; '),
    ]),
    ...report.left.map(({ name, reason }) => [printable(name), 'left', '', reason.message]),
  ];
  console.log(table(['mail', 'what', 'COLD', 'documents, or why'], rows));
  await launcher.run();
  await launcher.close();
  console.log(
    `\nAfter a second poll, ${String(await server.count())} mails are in the mailbox: what was taken is deleted.`,
  );
}

const PDF = Buffer.from('%PDF-1.4\n%%EOF\n').toString('base64');

function mail(subject: string, ...attachments: readonly string[]): string {
  return `Subject: ${subject}
From: Marie <marie@fournisseur.example>
To: ${USER}
Date: Tue, 24 Nov 2026 08:15:00 +0100
Message-ID: <${Buffer.from(subject).toString('hex')}@fournisseur.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

Bonjour
${attachments.map((header) => `--b\n${header}\nContent-Transfer-Encoding: base64\n\n${PDF}\n`).join('')}--b--
`;
}

const attached = (name: string): string =>
  `Content-Type: application/pdf\nContent-Disposition: attachment; ${name}`;

/** Names as they really come. */
const MAILS: readonly string[] = [
  mail('Facture 118', attached('filename="facture-118.pdf"')),
  mail(
    '=?utf-8?Q?D=C3=A9lib=C3=A9ration?=',
    attached("filename*=utf-8''D%C3%A9lib%C3%A9ration%20n%C2%B0%2012.pdf"),
  ),
  mail('Deux factures', attached('filename="scan.pdf"'), attached('filename="scan.pdf"')),
  mail('Photo', 'Content-Type: image/jpeg; name=photo.jpg'),
  mail('Facture et photo', attached('filename=f.pdf'), 'Content-Type: image/jpeg; name=photo.jpg'),
  mail('Bonjour'),
];
