import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { listenerSuite } from '@lanceur/core/testing';
import { memoryBench } from './memory-bench.js';

const run = promisify(execFile);

test('the suites run under node:test as they do here', async () => {
  const script = fileURLToPath(new URL('under-node-test.mjs', import.meta.url));
  // What vitest has set for its own processes is nothing to a stranger's.
  const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap', script], { env });
  expect(stdout).toMatch(/^# fail 0$/mu);
  expect(Number(/^# pass (\d+)$/mu.exec(stdout)?.[1])).toBeGreaterThan(40);
});

test('what a subject lacks is said in so many words, and never passes for a promise that was kept', async () => {
  const create = async () => {
    const { change: _change, ...bench } = await memoryBench();
    return bench;
  };
  const name = 'a changed item never passes for the one that was listed';
  const found = listenerSuite({ create }).find((c) => c.name === name);
  await expect(found?.run()).rejects.toThrow(
    "the subject offers no change: add it, or say so with without: ['change']",
  );
  expect(listenerSuite({ create, without: ['change'] }).some((c) => c.name === name)).toBe(false);
});

test('a bench is disposed of whether its case holds or not', async () => {
  let open = 0;
  const create = async () => {
    open++;
    const bench = await memoryBench({ rejects: 'keep' });
    return {
      ...bench,
      dispose: () => {
        open--;
        return Promise.resolve();
      },
    };
  };
  const outcomes = await Promise.allSettled(listenerSuite({ create }).map((c) => c.run()));
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['fulfilled', 'rejected']));
  expect(open).toBe(0);
});
