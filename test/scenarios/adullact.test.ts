// EzGED's own example of its protocol Adullact: a folder, the filter *.*, chorus_fact affiliated with job 87.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { completeDeposit, envelopes } from '@lanceur/adullact';
import { byExtension, Launcher, memoryLedger, nameFilter, type LauncherOptions } from '@lanceur/core';
import { virtualClock } from '@lanceur/core/testing';
import { all, directory, endMarks, type DirectoryOptions } from '@lanceur/protocols/directory';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { corpus, hasCorpus } from '../adullact/corpus.js';
import { metadata, PDF, pivotXml } from '../adullact/support/samples.js';
import { zipOf } from '../adullact/support/zip.js';

let base = '';
let source = '';
let target = '';
const launchers: Launcher[] = [];

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'lanceur-adullact-'));
  source = join(base, 'depots');
  target = join(base, 'wait', 'factures');
  await mkdir(source, { recursive: true });
  await mkdir(target, { recursive: true });
});

afterEach(async () => {
  for (const launcher of launchers.splice(0)) await launcher.close();
  await rm(base, { recursive: true, force: true, maxRetries: 5 });
});

function launcherOf(
  listener: Partial<DirectoryOptions> = {},
  more: Partial<LauncherOptions> & { readonly layout?: 'flat' | 'folder' } = {},
): Launcher {
  const { layout = 'folder', ...options } = more;
  const launcher = new Launcher({
    id: '16',
    listener: directory({ path: source, unit: 'entry', quiet: 0, ...listener }),
    expand: envelopes(),
    spool: join(base, 'spool'),
    filter: nameFilter('*.*'),
    grouper: byExtension({ chorus_fact: '87' }),
    submitter: waitingDirectory({ jobs: { '87': target }, layout, manifest: true }),
    ledger: memoryLedger(),
    ...options,
  });
  launchers.push(launcher);
  return launcher;
}

const listed = async () => (await readdir(source)).filter((name) => name !== '.lanceur').sort();
const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** What lies in a waiting directory, in folders or not: names and digests, without manifests. */
function placed(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    names
      .filter(
        (entry) => entry.isFile() && !entry.name.endsWith('.manifest.json') && entry.name !== 'manifest.json',
      )
      .map((entry) => [entry.name, sha(readFileSync(join(entry.parentPath, entry.name)))]),
  );
}

/** Without its rights: what is read-only there must be free to leave here. */
function copy(from: string, to: string): void {
  if (statSync(from).isFile()) {
    writeFileSync(to, readFileSync(from));
    return;
  }
  mkdirSync(to);
  for (const name of readdirSync(from)) copy(join(from, name), join(to, name));
}

const FILES = [
  { name: '3125108.xml', content: Buffer.from(pivotXml([{ number: 'FAC19-2512', pdf: PDF('facture') }])) },
  { name: 'bon de livraison.pdf', content: PDF('bon') },
];
const METADATA = {
  name: 'metadata.xml',
  content: Buffer.from(
    metadata.xml({
      data: { id_facture_cpp: '3125108' },
      files: { fichier_facture: ['3125108.xml'], facture_pj_02: ['bon de livraison.pdf'] },
    }),
  ),
};

async function deposit(
  name: string,
  files: readonly { readonly name: string; readonly content: Uint8Array }[],
): Promise<void> {
  await mkdir(join(source, name), { recursive: true });
  for (const file of files) await writeFile(join(source, name, file.name), file.content);
}

describe.skipIf(!hasCorpus())('the deposits of the corpus', () => {
  test('of Chorus Pro go to job 87 whole, byte for byte; the others stay, with the reason', async () => {
    // What a share with Windows' rules cannot hold is left out there.
    const names = readdirSync(corpus('synthetic-pastell-deposits')).filter(
      (name) => process.platform !== 'win32' || !/[<>:"|?]/u.test(name),
    );
    for (const name of names) copy(corpus(`synthetic-pastell-deposits/${name}`), join(source, name));
    const report = await launcherOf().run();
    expect(report.ended.map(({ ref, is, how }) => [ref.name, is, how]).sort()).toEqual([
      ['chorus-dir-xml', 'accept', 'removed'],
      ['chorus-zip-json.zip', 'accept', 'removed'],
    ]);
    const left = Object.fromEntries(report.left.map(({ name, reason }) => [name, reason.message]));
    expect(left['helios-dir-xml']).toBe('no job takes helios');
    expect(left['acte-dir-yaml']).toBe('no job takes acte_nature');
    expect(await listed()).toEqual(names.filter((name) => !name.startsWith('chorus')).sort());

    const folder = corpus('synthetic-pastell-deposits/chorus-dir-xml');
    const expected = Object.fromEntries(
      readdirSync(folder).map((name) => [name, sha(readFileSync(join(folder, name)))]),
    );
    const byGroup = readdirSync(target).map((group) => placed(join(target, group)));
    expect(byGroup).toHaveLength(2);
    expect(byGroup).toContainEqual(expected);
    for (const group of byGroup) {
      for (const [name, digest] of Object.entries(expected)) {
        if (name in group) expect(group[name], name).toBe(digest);
      }
    }
    expect(byGroup.map((group) => Object.keys(group).length).sort()).toEqual([6, 7]);
  });
});

test('a deposit, a zip and a loose XML reach the COLD with a manifest that says what they are', async () => {
  await deposit('3125108', [...FILES, METADATA]);
  await writeFile(join(source, 'depot.zip'), zipOf([...FILES, METADATA]));
  await writeFile(join(source, 'pivot.xml'), FILES[0]!.content);
  const report = await launcherOf().run();
  expect(report.counts).toMatchObject({ accepted: 3, submissions: 3 });
  expect(await listed()).toEqual([]);
  const manifests = readdirSync(target, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('manifest.json'),
  );
  expect(manifests).toHaveLength(3);
  for (const name of manifests) {
    const { attributes, documents } = JSON.parse(await readFile(join(target, name), 'utf8')) as {
      attributes: Record<string, string>;
      documents: { name: string }[];
    };
    expect(attributes).toMatchObject({
      'envelope.type': 'chorus_fact',
      'envelope.kind': 'CPPFacturePivot',
      number: 'FAC19-2512',
      'role.FAC19-2512.pdf': 'invoice',
    });
    expect(documents.map((d) => d.name)).toContain('FAC19-2512.pdf');
  }
});

test('what is no envelope is left, and the operator reads why', async () => {
  await deposit('photos', [{ name: 'a.jpg', content: Buffer.from('x') }]);
  await writeFile(join(source, 'lettre.pdf'), PDF('x'));
  const report = await launcherOf().run();
  const reasons = Object.fromEntries(report.left.map(({ name, reason }) => [name, reason.message]));
  expect(reasons['photos']).toContain('photos is not an envelope: it holds no metadata file');
  expect(reasons['lettre.pdf']).toContain('lettre.pdf is not an envelope: it is no archive');
  expect(await listed()).toEqual(['lettre.pdf', 'photos']);
});

test('what is no envelope is rejected where unwanted items are, with the reason beside it', async () => {
  await writeFile(join(source, 'lettre.pdf'), PDF('x'));
  const report = await launcherOf({}, { unwanted: 'reject' }).run();
  expect(report.ended.map(({ is, reason }) => [is, reason?.code])).toEqual([['reject', 'UNWANTED']]);
  expect(report.ended[0]?.reason?.message).toContain('lettre.pdf is not an envelope');
});

test('a damaged envelope is rejected with a clear word, and stops nobody', async () => {
  await writeFile(join(source, 'coupe.zip'), zipOf([...FILES, METADATA]).subarray(0, 900));
  await writeFile(join(source, 'entier.zip'), zipOf([...FILES, METADATA]));
  const report = await launcherOf({}, { attempts: 1 }).run();
  expect(report.ended.map(({ ref, is, reason }) => [ref.name, is, reason?.code]).sort()).toEqual([
    ['coupe.zip', 'reject', 'ENVELOPE_DAMAGED'],
    ['entier.zip', 'accept', undefined],
  ]);
});

test('an envelope whose waiting directory was away is unpacked again and sent once', async () => {
  const clock = virtualClock(Date.now());
  await writeFile(join(source, 'depot.zip'), zipOf([...FILES, METADATA]));
  await rm(target, { recursive: true });
  const launcher = launcherOf({ clock }, { clock, ledger: memoryLedger({ clock }) });
  expect((await launcher.run()).left[0]?.reason.code).toBe('TARGET_GONE');
  await mkdir(target);
  await clock.advance(3_600_000);
  expect((await launcher.run()).counts.accepted).toBe(1);
  expect(Object.keys(placed(target))).toHaveLength(4);
  expect(
    readdirSync(join(base, 'spool'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.part'),
    ),
  ).toEqual([]);
});

describe('a deposit that is being written', () => {
  const complete = all(endMarks(), completeDeposit());
  const outcome = async (launcher: Launcher) => {
    const { left, counts } = await launcher.run();
    return left[0]?.reason.message ?? `${String(counts.accepted)} accepted`;
  };

  test('waits for its metadata, then for all that it lists', async () => {
    const launcher = launcherOf({ complete });
    await deposit('3125108', FILES.slice(0, 1));
    expect(await outcome(launcher)).toBe('is not complete yet: its metadata, or fichier_termine.txt');
    await deposit('3125108', [{ ...METADATA, content: METADATA.content.subarray(0, 60) }]);
    expect(await outcome(launcher)).toMatch(
      /^is not a whole XML file yet|^is not complete yet: the whole of metadata\.xml/u,
    );
    await deposit('3125108', [METADATA]);
    expect(await outcome(launcher)).toBe(
      'is not complete yet: bon de livraison.pdf, which metadata.xml lists',
    );
    await deposit('3125108', FILES);
    expect(await outcome(launcher)).toBe('1 accepted');
  });

  test('is whole once its end mark is there, which is no document and leaves with it', async () => {
    const launcher = launcherOf({ complete });
    await deposit('3125108', [
      ...FILES,
      { name: 'fichier_termine.txt', content: Buffer.from('Le transfert est terminé') },
    ]);
    expect(await outcome(launcher)).toBe('1 accepted');
    expect(await listed()).toEqual([]);
    expect(Object.keys(placed(target))).not.toContain('fichier_termine.txt');
  });

  test('for ever is taken as it is after a time, and says so', async () => {
    const clock = virtualClock(Date.now());
    const launcher = launcherOf(
      { complete, clock, completeTimeout: { ms: 3_600_000, then: 'take' } },
      { clock, ledger: memoryLedger({ clock }) },
    );
    await deposit('3125108', [FILES[0]!, METADATA]);
    expect(await outcome(launcher)).toBe(
      'is not complete yet: bon de livraison.pdf, which metadata.xml lists',
    );
    await clock.advance(3_600_001);
    expect(await outcome(launcher)).toBe('1 accepted');
    const manifest = readdirSync(target, { recursive: true, encoding: 'utf8' }).find((name) =>
      name.endsWith('manifest.json'),
    )!;
    const { attributes } = JSON.parse(await readFile(join(target, manifest), 'utf8')) as {
      attributes: Record<string, string>;
    };
    expect(attributes['envelope.issues']).toContain(
      'it was taken before it was whole: is not complete yet: bon de livraison.pdf',
    );
    expect(attributes['envelope.issues']).toContain(
      'metadata.xml lists bon de livraison.pdf (complement), which is not there',
    );
  });

  test('as a loose XML, or a zip, is left to the end marks of its format', async () => {
    const launcher = launcherOf({ complete });
    await writeFile(join(source, 'pivot.xml'), FILES[0]!.content.subarray(0, 500));
    expect(await outcome(launcher)).toMatch(/^is not a whole XML file yet/u);
    await writeFile(join(source, 'pivot.xml'), FILES[0]!.content);
    expect(await outcome(launcher)).toBe('1 accepted');
  });
});

test('with an end mark that nobody has declared, it is handed over as well, and nothing stays behind', async () => {
  await deposit('3125108', [
    ...FILES,
    METADATA,
    { name: 'fichier_termine.txt', content: Buffer.from('fin') },
  ]);
  await launcherOf({}, { layout: 'flat' }).run();
  expect(await listed()).toEqual([]);
  expect(existsSync(join(target, 'fichier_termine.txt'))).toBe(true);
});
