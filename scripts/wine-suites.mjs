// What of the tests runs on Windows, and what does not. docs/windows.md says what that proves.

/**
 * Folders and files that run, relative to the repository; those of one group together, so that a suite that hangs takes only
 * its own group with it. Single tests that skip themselves are named after each run.
 *
 * @type {readonly (readonly string[])[]}
 */
export const GROUPS = [
  ['test/core'],
  ['test/protocols/directory'],
  ['test/protocols/waiting-directory'],
  [
    ...['test/docs', 'test/support', 'test/tooling'],
    ...['test/scenarios/link.test.ts', 'test/scenarios/rejected.test.ts'],
  ],
];

/**
 * What lies in these folders and is left out.
 *
 * @type {readonly { readonly path: string, readonly why: string }[]}
 */
export const LEFT_OUT = [
  {
    path: 'test/core/life/lives.test.ts',
    why: 'in memory and on a virtual clock, it asks the system for nothing; a minute of computing',
  },
  { path: 'test/core/life/variants.test.ts', why: 'the same' },
  {
    path: 'test/docs/host.test.ts',
    why: 'a process for each of its tests, 5 to 10 s to start there, with waits that are meant for Linux',
  },
  {
    path: 'test/docs/snippets.test.ts',
    why: 'it hands the pages to the TypeScript compiler, which says the same everywhere',
  },
];

/** What has to be there for them to run: files and folders, relative to the repository. */
export const COPIED = ['test', 'docs', 'scripts', 'vitest.config.ts', 'packages/core/scenario.schema.json'];
