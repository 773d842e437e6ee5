import { appendFileSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { byExtension, Launcher, nameFilter, printable, type RunReport } from '@lanceur/core';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { directory, endMarks, moveTo } from '@lanceur/protocols/directory';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';
import { fill, pdf, REWRITTEN, scanOn, UNFINISHED } from './documents.js';
import { table } from './table.js';

const USAGE = `npm run demo                  fill a folder once, run a launcher over it, show what became of each document
npm run demo -- --fresh       forget the last demo first
npm run demo -- --at FOLDER   use this folder instead of .demo
npm run demo -- envelopes     the same with Pastell deposits, @ctes archives, PES files, Chorus Pro invoices
npm run demo -- mail          mails with attachments, from a throw-away mail server`;

const WORDS = { accept: 'taken', aside: 'put aside', reject: 'rejected', left: 'left' } as const;

type Rows = string[][];

/** A folder to two COLDs' waiting directories, with all that an ordinary morning brings. */
export async function folderDemo(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      fresh: { type: 'boolean' },
      at: { type: 'string', default: '.demo' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    console.log(USAGE);
    return;
  }
  const base = resolve(values.at);
  if (values.fresh === true) rmSync(base, { recursive: true, force: true });
  const source = join(base, 'depots');
  const done = join(base, 'traites');
  const colds = { '87': join(base, 'ocr', 'wait', 'factures'), '12': join(base, 'ocr', 'wait', 'plans') };
  const once = !existsSync(source);
  for (const folder of [source, done, ...Object.values(colds)]) await mkdir(folder, { recursive: true });

  const ledger = await sqliteLedger({ path: join(base, 'ledger.db') });
  const launcher = new Launcher({
    id: '16',
    listener: directory({ path: source, quiet: 1_000, complete: endMarks(), after: moveTo(done) }),
    filter: nameFilter('*.*'),
    grouper: byExtension({ pdf: '87', tif: '12' }),
    submitter: waitingDirectory({ jobs: colds }),
    ledger,
  });
  await (once ? anOrdinaryMorning(launcher, source, colds) : onceMore(launcher, source, colds));
  await launcher.close();
  await ledger.close();
  console.log(`\nThe waiting directories: ${Object.values(colds).map(show).join(', ')}`);
  console.log(
    `The ledger: ${show(join(base, 'ledger.db'))}, to be read with sqlite3: SELECT * FROM documents;`,
  );
  console.log(once ? 'Run it again: nothing is taken twice.' : 'To begin afresh: npm run demo -- --fresh');
}

/** Ten polls, half a second apart, while a scanner is at work and somebody saves a file once more. */
async function anOrdinaryMorning(
  launcher: Launcher,
  source: string,
  colds: Record<string, string>,
): Promise<void> {
  await fill(source);
  console.log(`A folder on an ordinary morning, ${show(source)}:\n\n${contents(source)}`);
  const scanner = scanOn(source);
  // Saved once more after it was handed over, and before it is moved away.
  let rewritten = false;
  launcher.on('submitted', ({ ref }) => {
    if (ref.name !== REWRITTEN || rewritten) return;
    rewritten = true;
    writeFileSync(join(source, REWRITTEN), pdf('Registre, version 2'));
  });

  const rows: Rows = [];
  for (let polls = 1; polls < 10; polls++) {
    rows.push(...rowsOfEnded(await launcher.run(), colds));
    await sleep(500);
    if (polls !== 6) continue;
    // The scanner is switched off in the middle of a page: its file has no end, and is not taken.
    await scanner[Symbol.asyncDispose]();
    appendFileSync(join(source, UNFINISHED), '(switched off)');
  }
  const last = await launcher.run();
  rows.push(...rowsOfEnded(last, colds), ...rowsOfLeft(last));
  console.log('\nTen polls of launcher 16: filter *.*, pdf -> job 87, tif -> job 12.\n');
  console.log(table(['document', 'what', 'COLD', 'where, or why'], rows));
}

async function onceMore(launcher: Launcher, source: string, colds: Record<string, string>): Promise<void> {
  console.log(`Once more over ${show(source)}, as the last demo left it:\n\n${contents(source)}\n`);
  const report = await launcher.run();
  console.log(
    table(
      ['document', 'what', 'COLD', 'where, or why'],
      [...rowsOfEnded(report, colds), ...rowsOfLeft(report)],
    ),
  );
  console.log(
    `\n${report.counts.submissions === 0 ? 'Nothing was taken.' : ''} What the ledger remembers:\n`,
  );
  const rows: Rows = [];
  for await (const item of launcher.where({ state: 'settled' })) {
    for (const { job, receipt } of item.submissions ?? []) {
      for (const { sha256 } of receipt?.documents ?? [])
        rows.push([printable(item.name), `job ${job}`, sha256]);
    }
  }
  console.log(table(['document', 'COLD', 'SHA-256'], rows));
}

function rowsOfEnded(report: RunReport, colds: Record<string, string>): Rows {
  return report.ended.flatMap(({ ref, is, how, submissions, reason }) => {
    if (submissions.length === 0) return [[printable(ref.name), WORDS[is], '', reason?.message ?? '']];
    const note =
      how === 'changed' ? '; rewritten in the meantime: the new version stays for the next poll' : '';
    return submissions.map(({ job, receipt }) => {
      const where = receipt.documents
        .map((d) => join(basename(colds[job] ?? ''), d.placedAs ?? d.name))
        .join(', ');
      return [printable(ref.name), WORDS[is], `job ${job}`, where + note];
    });
  });
}

function rowsOfLeft(report: RunReport): Rows {
  return report.left.map(({ name, reason }) => [printable(name), 'left', '', reason.message]);
}

function contents(folder: string): string {
  const names = readdirSync(folder).filter((name) => name !== '.lanceur');
  return names
    .map((name) => `  ${printable(name)}`)
    .sort()
    .join('\n');
}

function show(path: string): string {
  return relative(process.cwd(), path);
}
