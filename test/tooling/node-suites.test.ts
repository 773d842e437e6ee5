import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { LEFT_OUT, SUITES } from '../../scripts/node-suites.mjs';

describe('the tests on other Nodes', () => {
  it.each([...SUITES, ...LEFT_OUT.map(({ path }) => path)])('know where %s is', (path) => {
    expect(existsSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)))).toBe(true);
  });

  it.each(LEFT_OUT)('leave out $path, which they would run', ({ path }) => {
    expect(SUITES.some((suite) => path.startsWith(`${suite}/`))).toBe(true);
  });
});
