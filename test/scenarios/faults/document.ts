// The matrix as docs/faults.md shows it. `node scripts/faults.mjs` writes it.
import { whatToDo } from '@lanceur/core';
import type { Fault, Meanwhile, Place, Where } from './fault.js';

const PLACES: Readonly<Record<Place, string>> = {
  target: 'The waiting directory (target)',
  source: 'The watched folder (source)',
  archive: 'The folder to which accepted documents are moved (archive, `moveTo`)',
  ledger: 'The ledger',
  clock: 'The clock',
  process: 'The process',
};

const MEANWHILE: Readonly<Record<Meanwhile, string>> = {
  wait: 'all wait in the source',
  placed:
    'that document is in the COLD and stays in the source; the others wait; it is found again, not sent again',
  some: 'what can be taken is taken, the others wait',
  'settle late': 'all are in the COLD, and leave the source when it can be changed again; none is sent again',
  'go on': 'all are taken',
};

const WHERE: Readonly<Record<Where, string>> = {
  thrown: '`run()` rejects',
  left: '`report.left`',
  'not settled': '`report.left`, `counts.notSettled`',
  'not started': 'the ledger does not open',
};

/** All of docs/faults.md. */
export function faultsDocument(faults: readonly Fault[]): string {
  const places = [...new Set(faults.map(({ place }) => place))];
  return [INTRODUCTION, ...places.map((place) => section(place, faults)), toDo(faults)].join('\n');
}

/** One place as a table. */
function section(place: Place, faults: readonly Fault[]): string {
  const rows = faults.filter((fault) => fault.place === place).map(row);
  return [
    `## ${PLACES[place]}`,
    '',
    '| it | the documents meanwhile | an operator sees | |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function row({ fault, when = 'before a poll', meanwhile, sees, note }: Fault): string {
  const moment = when === 'before a poll' ? '' : `, ${when}`;
  const seen = sees === undefined ? 'nothing' : `\`${sees.code}\`: ${cell(sees.says)} (${WHERE[sees.where]})`;
  return `| ${fault}${moment} | ${MEANWHILE[meanwhile]} | ${seen} | ${note ?? ''} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}

function toDo(faults: readonly Fault[]): string {
  const seen = new Set(faults.flatMap(({ sees }) => (sees === undefined ? [] : [sees.code])));
  const codes = [...seen].filter((code) => whatToDo(code) !== undefined).sort();
  return [
    '## What to do / que faire',
    '',
    'What the messages say beside, in English and French; nothing where it heals by itself.',
    '',
    '| code | what to do | que faire |',
    '|---|---|---|',
    ...codes.map((code) => `| \`${code}\` | ${whatToDo(code) ?? ''} | ${whatToDo(code, 'fr') ?? ''} |`),
    '',
  ].join('\n');
}

const INTRODUCTION = `# What happens when something breaks

Faults of the real world, done to the whole chain: a watched folder, a launcher with the SQLite ledger, a waiting directory. Each
row is a test (\`npm test -- test/scenarios/faults\`): the fault is made, not imagined, three documents lie in the source, one poll
runs, the fault is mended, and the polls go on.

**For every row**: nothing is lost, sent twice, half-written, or put into quarantine, and no document counts an attempt for it
unless the row says so. When the fault is over all go on by themselves, in the order in which the source lists them; those that
were begun meanwhile come last, so that one that fails again and again cannot hold up the others. Nothing is left lying about.

\`…\` stands for paths and numbers. Volumes are a tmpfs of 1 MB, and a FUSE mount that is stopped or killed in the place of a network
share; a user without privileges takes the place of the service account. What a machine does not let a test do is skipped there,
in one line that says so. This page is written by \`node scripts/faults.mjs\`, and a test holds it to the rows.
`;
