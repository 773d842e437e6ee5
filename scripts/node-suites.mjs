// What of the tests another version of Node could break, and what it could not: CI runs all of them on the oldest Node,
// and these on each newer one.

/** Folders that run, relative to the repository. */
export const SUITES = ['test/core', 'test/protocols', 'test/adullact', 'test/tooling'];

/**
 * What lies in these folders and is left out. What touches the file system, the network, streams, timers, the ledger's
 * file, regular expressions or encodings stays.
 *
 * @type {readonly { readonly path: string, readonly why: string }[]}
 */
export const LEFT_OUT = [
  {
    path: 'test/core/life/lives.test.ts',
    why: 'in memory and on a virtual clock, it asks Node for nothing; lives-in-sqlite.test.ts stays',
  },
  { path: 'test/core/life/variants.test.ts', why: 'the same' },
  {
    path: 'test/core/scenario/schema.test.ts',
    why: 'thousands of drawn scenarios, of which a parser and a schema say the same: values without input or output',
  },
];
