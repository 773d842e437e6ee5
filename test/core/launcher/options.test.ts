import { describe, expect, test } from 'vitest';
import { byExtension, Launcher, memoryLedger, type LauncherOptions, type UsedFolder } from '@lanceur/core';
import { memoryCold, memoryListener } from '@lanceur/core/testing';

function sound(): LauncherOptions {
  return {
    id: '16',
    listener: memoryListener(),
    grouper: byExtension({ pdf: '87' }),
    submitter: memoryCold({ jobs: ['87'] }),
    ledger: memoryLedger(),
  };
}

function messageFor(wrong: object): string {
  try {
    return `built ${new Launcher({ ...sound(), ...wrong }).id}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('a launcher that cannot work is refused when it is built, with what was expected and what was found', () => {
  test.each([
    [{ id: '' }, 'expected `id` to be a text that names this launcher, got ""'],
    [{ concurrency: 0 }, 'expected `concurrency` to be a number from 1 up, got 0'],
    [{ leaseMs: 10 }, 'expected `leaseMs` to be a number from 1000 up, got 10'],
    [{ unwanted: 'delete' }, "expected `unwanted` to be 'leave' or 'accept' or 'reject', got \"delete\""],
    [{ limits: { documentBytes: -1 } }, 'expected `limits.documentBytes` to be a number from 1 up, got -1'],
    [
      { listener: undefined },
      'expected `listener` to be a Listener, such as directory({ path }), got nothing',
    ],
    [
      { ledger: {} },
      'expected `ledger` to be a Ledger, such as await sqliteLedger({ path }), got an object that is none',
    ],
    [
      { expand: { expand: () => undefined } },
      'expected `spool` to be a folder to unpack into, since `expand` is given, got nothing',
    ],
  ])('%j', (wrong, message) => {
    expect(messageFor(wrong)).toBe(message);
  });

  test('a job that has no target is named, with those that there are', () => {
    expect(messageFor({ grouper: byExtension({ pdf: '88' }) })).toContain(
      'job 88 has no target; the submitter knows 87',
    );
  });
});

describe('folders that overlap', () => {
  const launcher = (watched: UsedFolder, other: UsedFolder): string =>
    messageFor({
      listener: Object.assign(memoryListener(), { folders: [watched] }),
      submitter: Object.assign(memoryCold(), { folders: [other] }),
    });
  const watched: UsedFolder = { role: 'source', path: '/nchp/var', watched: true };

  test('are refused: EzGED’s own example would take its own output', () => {
    expect(launcher(watched, { role: 'target of job 87', path: '/nchp/var/spool/ocr/wait' })).toContain(
      'the source (/nchp/var) and the target of job 87 (/nchp/var/spool/ocr/wait) overlap',
    );
  });

  test('are refused also where they differ in letter case only', () => {
    expect(launcher(watched, { role: 'spool', path: '/NCHP/VAR/x' })).toContain('overlap');
  });

  test.each([
    ['beside each other', watched, '/nchp/variant'],
    ['that do not look into sub-folders', { ...watched, recursive: false }, '/nchp/var/wait'],
    ['that leave the other out', { ...watched, except: ['/nchp/var/spool'] }, '/nchp/var/spool/wait'],
  ])('%s are allowed', (_name, from, path) => {
    expect(launcher(from, { role: 'target', path })).toBe('built 16');
  });

  test('are refused where a COLD would take what is moved aside, or the source itself', () => {
    const fed: UsedFolder = { role: 'target of job 87', path: '/wait/factures', fed: true };
    for (const role of ['folder of accepted documents', 'quarantine', 'source']) {
      expect(launcher({ role, path: '/wait/factures/inner' }, fed)).toContain(`and the ${role}`);
    }
    expect(launcher({ role: 'target of job 88', path: '/wait/factures', fed: true }, fed)).toBe('built 16');
    expect(launcher({ role: 'quarantine', path: '/wait/aside' }, fed)).toBe('built 16');
  });

  test('are refused when the same folder itself is both', () => {
    expect(launcher({ ...watched, recursive: false }, { role: 'target', path: '/nchp/var' })).toContain(
      'overlap',
    );
  });
});
