import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { completeDeposit, decodeEnvelope, envelopes } from '@lanceur/adullact';
import { byExtension, Launcher, messageOf, nameFilter, printable, type LeftItem } from '@lanceur/core';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { all, directory, endMarks } from '@lanceur/protocols/directory';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';
import { depositAll } from './deposits.js';
import { table } from './table.js';

const USAGE = `npm run demo -- envelopes                  deposits of all kinds go in; what they are, and which COLD takes them
npm run demo -- envelopes --at FOLDER      use this folder instead of .demo/envelopes`;

const JOBS = { acte_nature: '85', helios: '86', chorus_fact: '87' } as const;
const COLDS = { '85': 'actes', '86': 'helios', '87': 'factures' } as const;

/** Envelopes to three COLDs' waiting directories: EzGED's protocol "Adullact". */
export async function envelopesDemo(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      at: { type: 'string', default: join('.demo', 'envelopes') },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    console.log(USAGE);
    return;
  }
  const base = resolve(values.at);
  const source = join(base, 'depots');
  const spool = join(base, 'spool');
  const colds = Object.fromEntries(
    Object.entries(COLDS).map(([job, name]) => [job, join(base, 'ocr', 'wait', name)] as const),
  );
  // What an earlier demo has left there.
  for (const folder of [source, spool, join(base, 'ocr'), join(base, 'ledger.db')]) {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const folder of [source, ...Object.values(colds)]) await mkdir(folder, { recursive: true });

  const deposited = await depositAll(source);
  console.log('What lies there, read by decodeEnvelope:\n');
  const rows: (readonly string[])[] = [];
  const odd: string[] = [];
  for (const name of deposited) {
    const { row, issues } = await whatIs(join(source, name), name);
    rows.push(row);
    odd.push(...issues.map((issue) => `  ${printable(name)}: ${issue}`));
  }
  console.log(table(['deposit', 'type', 'kind', 'documents'], rows));
  console.log(`\nWhat is odd about them, and was read all the same:\n\n${odd.join('\n')}`);

  const ledger = await sqliteLedger({ path: join(base, 'ledger.db') });
  const launcher = new Launcher({
    id: '16',
    listener: directory({
      path: source,
      unit: 'entry',
      quiet: 0,
      complete: all(endMarks(), completeDeposit()),
    }),
    expand: envelopes(),
    spool,
    filter: nameFilter('*.*'),
    grouper: byExtension(JOBS),
    submitter: waitingDirectory({ jobs: colds, layout: 'folder', manifest: true }),
    ledger,
  });
  const report = await launcher.run();
  await launcher.close();
  await ledger.close();
  console.log(
    `\nOne poll of launcher 16: filter *.*, ${Object.entries(JOBS)
      .map(([type, job]) => `${type} -> job ${job}`)
      .join(', ')}.\n`,
  );
  const ended = report.ended.map(({ ref, is, submissions, reason }) => {
    const [first] = submissions;
    if (first === undefined)
      return [printable(ref.name), is === 'reject' ? 'rejected' : is, '', reason?.message ?? ''];
    const { job, receipt } = first;
    const where = `${basename(colds[job] ?? '')}: ${receipt.documents.map((d) => d.name).join(', ')}`;
    return [printable(ref.name), 'taken', `job ${job}`, where];
  });
  console.log(table(['deposit', 'what', 'COLD', 'where, or why'], [...ended, ...report.left.map(rowOfLeft)]));
  console.log(
    `\nThe waiting directories, each group in its folder with a manifest: ${relative(process.cwd(), join(base, 'ocr', 'wait'))}`,
  );
}

function rowOfLeft({ name, reason }: LeftItem): readonly string[] {
  return [printable(name), 'left', '', reason.message];
}

async function whatIs(
  path: string,
  name: string,
): Promise<{ readonly row: readonly string[]; readonly issues: readonly string[] }> {
  try {
    const { type, kind, documents, issues, close } = await decodeEnvelope(path);
    await close();
    const listed = documents.map((d) => `${d.name} (${d.role})`).join(', ');
    return { row: [printable(name), type, kind, listed], issues: issues.map(({ message }) => message) };
  } catch (error) {
    return { row: [printable(name), '', '', messageOf(error)], issues: [] };
  }
}
