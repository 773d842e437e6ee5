import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('the lockfile names no registry, so that it holds wherever packages come from', () => {
  const lockfile = readFileSync(new URL('../../pnpm-lock.yaml', import.meta.url), 'utf8');
  expect(lockfile).toMatch(/^lockfileVersion:/);
  expect(lockfile).not.toMatch(/https?:|tarball:/);
});
