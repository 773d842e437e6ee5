import { isAbsolute, resolve } from 'node:path';
import { directory, doneFile, moveTo, type DirectoryOptions } from '@lanceur/protocols/directory';
import { expect, test } from 'vitest';

const path = resolve('depots');

function messageFor(build: () => unknown): string {
  try {
    build();
    return 'built';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** As options come from a file, where no compiler has looked at them. */
const built = (options: unknown): string => messageFor(() => directory(options as DirectoryOptions));

test.each([
  [{ path, after: 'remove' }],
  [{ path, after: moveTo }],
  [{ path, after: { do: 'moov', to: path } }],
  [{ path, after: null }],
])('a word for `after` that is not understood never means deletion: %j', (options) => {
  expect(built(options)).toContain('expected `after` to be remove(), moveTo(path) or keep()');
});

test('what is no option is named, with what may have been meant', () => {
  expect(built({ path, quietMs: 0 })).toBe('directory has no option `quietMs`: did you mean `quiet`?');
  expect(built(undefined)).toContain('called with an object of options');
  expect(built({ path: 'depots' })).toContain('expected `path` to be an absolute path');
  expect(messageFor(() => moveTo(path, { date: 'day' } as object))).toContain('did you mean `dated`?');
  expect(built({ path, after: { do: 'move', to: resolve('done'), dated: 'week' } })).toContain(
    'one of day, month, year',
  );
});

test('a done-file whose name holds a word that is not understood is refused', () => {
  expect(messageFor(() => doneFile('{nom}.ok'))).toContain('{name} or {stem}');
  expect(messageFor(() => doneFile('{name}.ok'))).toBe('built');
});

test('every folder that is written is told to the launcher, by its absolute path', () => {
  const folders = directory({ path, after: moveTo(resolve('done')) }).folders ?? [];
  expect(folders.map((f) => f.role)).toEqual(['source', 'quarantine', 'folder of accepted documents']);
  expect(folders.every((f) => isAbsolute(f.path))).toBe(true);
});
