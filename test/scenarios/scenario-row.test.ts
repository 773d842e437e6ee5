// EzGED's own example, as a row of JSON: a folder, *.*, Adullact, chorus_fact -> job 87, every 15 seconds.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adullactProtocol } from '@lanceur/adullact';
import { LanceurError, memoryLedger, type Launcher } from '@lanceur/core';
import {
  createLauncher,
  createSubmitter,
  parseScenario,
  type CreateLauncherOptions,
  type Row,
  type Scenario,
} from '@lanceur/core/scenario';
import { schedule } from '@lanceur/core/schedule';
import { directoryProtocol } from '@lanceur/protocols/directory';
import { ezged } from '@lanceur/protocols/ezged';
import { imapProtocol } from '@lanceur/protocols/imap';
import { popProtocol } from '@lanceur/protocols/pop3';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PDF, pivotXml } from '../adullact/support/samples.js';

const PROTOCOLS = [directoryProtocol, imapProtocol, popProtocol, adullactProtocol];
let base = '';
const launchers: Launcher[] = [];

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'lanceur-scenario-'));
  for (const folder of ['depots', 'wait/factures', 'spool'])
    await mkdir(join(base, folder), { recursive: true });
});

afterEach(async () => {
  for (const launcher of launchers.splice(0)) await launcher.close();
  await rm(base, { recursive: true, force: true, maxRetries: 5 });
});

function scenarioOf(row: Readonly<Record<string, unknown>> = {}): Scenario {
  return parseScenario(
    JSON.stringify({
      timeZone: 'Europe/Paris',
      ledger: join(base, 'ledger', 'ledger.db'),
      spool: join(base, 'spool'),
      jobs: {
        '87': { description: 'cold facturesfournisseurs', waitingDirectory: join(base, 'wait', 'factures') },
      },
      launchers: [
        {
          id: 16,
          description: 'Adullact Chorus',
          protocol: 'Adullact',
          origin: join(base, 'depots'),
          settleSeconds: 0,
          filter: '*.*',
          jobs: [{ extension: 'chorus_fact', job: '87' }],
          schedules: [{ seconds: '*/15' }],
          ...row,
        },
      ],
    }),
  );
}

function launcherOf(scenario: Scenario, more: Partial<CreateLauncherOptions> = {}): Launcher {
  const launcher = createLauncher(rowOf(scenario), {
    protocols: PROTOCOLS,
    submitter: createSubmitter(scenario, { waitingDirectory, ezged }),
    ledger: memoryLedger(),
    ...(scenario.spool !== undefined && { spool: scenario.spool }),
    ...more,
  });
  launchers.push(launcher);
  return launcher;
}

function rowOf({ launchers: [row] }: Scenario): Row {
  if (row === undefined) throw new Error('the sample has a row');
  return row;
}

const errorOf = (work: () => unknown): LanceurError => {
  try {
    work();
  } catch (error) {
    if (LanceurError.is(error)) return error;
  }
  throw new Error('nothing was thrown');
};

test('the example runs every 15 seconds and takes an invoice of Chorus to job 87, byte for byte', async () => {
  const scenario = scenarioOf();
  const launcher = launcherOf(scenario);
  const invoice = Buffer.from(pivotXml([{ number: 'F-1', pdf: PDF('invoice') }]));
  await writeFile(join(base, 'depots', 'facture.xml'), invoice);
  await writeFile(join(base, 'depots', 'LISEZMOI.txt'), 'not an envelope');

  const { schedules } = rowOf(scenario);
  const due = schedule(schedules, { timeZone: scenario.timeZone }).nextRuns(
    3,
    Date.UTC(2026, 10, 24, 8, 0, 1),
  );
  expect(due.map((at) => at.toISOString().slice(11, 19))).toEqual(['08:00:15', '08:00:30', '08:00:45']);
  let accepted = 0;
  for (const _at of due) accepted += (await launcher.run()).counts.accepted;
  expect(accepted).toBe(1);
  const placed = await readdir(join(base, 'wait', 'factures'));
  expect(placed).toContain('facture.xml');
  expect(await readFile(join(base, 'wait', 'factures', 'facture.xml'), 'utf8')).toBe(
    invoice.toString('utf8'),
  );
  expect((await readdir(join(base, 'depots'))).filter((name) => name !== '.lanceur')).toEqual([
    'LISEZMOI.txt',
  ]);
});

test('what a folder’s row says reaches the folder: filter, unit, quarantine, what happens after', async () => {
  const scenario = scenarioOf({
    protocol: 'Répertoire',
    filter: '/(?!brouillon).*\\.(pdf|xml)$/',
    unit: 'stem',
    endMarks: false,
    after: { moveTo: join(base, 'traites') },
    quarantine: join(base, 'rejets'),
    jobs: [
      { extension: 'pdf', job: '87' },
      { extension: 'xml', job: '87' },
    ],
  });
  for (const name of ['f.pdf', 'f.xml', 'brouillon.pdf']) await writeFile(join(base, 'depots', name), name);
  const report = await launcherOf(scenario).run();
  expect(report.counts.accepted).toBe(1);
  expect((await readdir(join(base, 'wait', 'factures'))).sort()).toEqual(['f.pdf', 'f.xml']);
  expect((await readdir(join(base, 'traites'))).sort()).toEqual(['f.pdf', 'f.xml']);
  expect(report.left.map(({ name }) => name)).toEqual([expect.stringContaining('brouillon')]);
});

test('a protocol that the host does not have is refused with what to import', () => {
  const { code, message } = errorOf(() => launcherOf(scenarioOf(), { protocols: [directoryProtocol] }));
  expect(code).toBe('PROTOCOL_MISSING');
  expect(message).toContain("import { adullactProtocol } from '@lanceur/adullact'");
  // What it wraps is needed as well.
  expect(errorOf(() => launcherOf(scenarioOf(), { protocols: [adullactProtocol] })).message).toContain(
    'directoryProtocol',
  );
});

test('a row that no parser has seen is checked all the same', () => {
  const row = { ...rowOf(scenarioOf()), filtre: '*.pdf' };
  const submitter = waitingDirectory({ jobs: { '87': join(base, 'wait', 'factures') } });
  const error = errorOf(() =>
    createLauncher(row, { protocols: PROTOCOLS, submitter, ledger: memoryLedger() }),
  );
  expect(error.message).toContain('here it is called `filter`');
});

test('a mailbox is built from its row, and its password is looked for when it is needed, by the name of its variable', async () => {
  const row = {
    protocol: 'POP',
    origin: 'inbox',
    host: '127.0.0.1',
    port: 9,
    tls: 'none',
    user: 'factures',
    password: { env: 'LANCEUR_TEST_PASSWORD' },
    settleSeconds: undefined,
  };
  for (const protocol of ['POP', 'IMAP']) {
    const launcher = launcherOf(scenarioOf({ ...row, protocol }), { env: {} });
    expect(launcher.id).toBe('16');
    // Port 9 (discard) answers nobody: whichever comes first, nothing is shown of a secret.
    await expect(launcher.run()).rejects.toBeInstanceOf(LanceurError);
  }
});

test('envelopes that are attached to mails come through the host’s mailbox protocol', () => {
  const mail = {
    protocol: 'adullact',
    host: 'imap.mairie.fr',
    user: 'u',
    password: { env: 'P' },
    settleSeconds: undefined,
    origin: undefined,
  };
  expect(launcherOf(scenarioOf({ ...mail, via: 'imap' })).id).toBe('16');
  expect(launcherOf(scenarioOf({ ...mail, via: 'pop' })).id).toBe('16');
});

test('one scenario may name waiting directories and an EzGED elsewhere; what the host lacks is said', () => {
  const here = join(base, 'wait', 'factures');
  const jobs = { '87': { waitingDirectory: here }, '88': { ezged: 'mairie', waitingDirectory: 'courriers' } };
  const account = {
    url: 'https://ged.mairie.fr/ezged',
    user: 'u',
    password: { env: 'P' },
    token: { env: 'T' },
  };
  const scenario = { jobs, ezged: { mairie: account } };
  const both = createSubmitter(scenario, { waitingDirectory, ezged });
  expect(both.jobs).toEqual(['87', '88']);
  expect([both.canFind?.('87'), both.canFind?.('88')]).toEqual([true, false]);
  expect(errorOf(() => createSubmitter(scenario, { waitingDirectory })).message).toContain(
    "import { ezged } from '@lanceur/protocols/ezged'",
  );
  const caFile = join(base, 'nobody.pem');
  const unreadable = { ...scenario, ezged: { mairie: { ...account, caFile } } };
  expect(errorOf(() => createSubmitter(unreadable, { waitingDirectory, ezged }))).toMatchObject({
    code: 'INVALID_OPTION',
    reason: { data: { option: 'caFile', found: `${caFile} (ENOENT)` } },
  });
});
