// Folders that overlap, as Windows and POSIX read paths, whatever the tests run on.
import path, { type PlatformPath } from 'node:path';
import { describe, expect, test } from 'vitest';
import { refuseOverlaps } from '../../../packages/core/dist/launcher/overlap.js';

function overlap(
  paths: PlatformPath,
  source: string,
  target: string,
  except: readonly string[] = [],
): boolean {
  const folders = [
    { role: 'source', path: source, watched: true, except },
    { role: 'target of job 87', path: target, fed: true },
  ];
  try {
    refuseOverlaps(folders, paths);
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: 'OVERLAP' });
    return true;
  }
}

describe('on Windows', () => {
  test.each([
    ['F:\\nchp\\var', 'F:\\nchp\\var\\spool\\ocr\\wait', 'one inside the other'],
    ['F:\\nchp\\var', 'f:/NCHP/Var/spool', 'letter case and slashes make no difference'],
    ['F:\\Dépôts', 'F:\\DÉPÔTS\\wait', 'nor does the case of an accented letter'],
    ['F:\\', 'F:\\wait', 'a whole drive holds all its folders'],
    ['F:\\depots\\', 'F:\\depots\\.\\..\\depots\\wait', 'dots are resolved'],
    ['F:\\depots', 'F:\\depots\\..x', 'a folder may be called ..x'],
    ['\\\\srv\\depots', '\\\\SRV\\depots\\wait', 'a share is a folder like others'],
    ['F:\\wait\\in', 'F:\\wait', 'the source lies in the target'],
  ])('%s and %s overlap: %s', (source, target) => {
    expect(overlap(path.win32, source, target)).toBe(true);
  });

  test.each([
    ['F:\\depots', 'F:\\depots2', 'a name that begins alike is another name'],
    ['F:\\depots', 'G:\\depots\\wait', 'another drive'],
    ['\\\\srv\\depots', '\\\\srv\\wait', 'another share'],
    ['\\\\srv\\depots', 'F:\\depots\\wait', 'a share and a drive, as far as their names tell'],
  ])('%s and %s do not: %s', (source, target) => {
    expect(overlap(path.win32, source, target)).toBe(false);
  });

  test('what is left out is found in another letter case', () => {
    expect(overlap(path.win32, 'F:\\nchp', 'F:\\nchp\\wait\\87', ['f:/NCHP/Wait'])).toBe(false);
  });
});

describe('elsewhere', () => {
  test.each([
    ['/nchp/var', '/nchp/var/..x', true],
    ['/nchp/var', '/nchp/variant', false],
    ['/', '/wait', true],
    ['/nchp', '/nchp\\wait', false],
  ])('%s and %s: %s', (source, target, expected) => {
    expect(overlap(path.posix, source, target)).toBe(expected);
  });
});
