import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isInstalled, whyNotInstalled } from '../../scripts/workspace.mjs';

describe('dependencies are installed anew', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lanceur-workspace-'));
    for (const path of [
      'node_modules/.pnpm',
      'node_modules/a-tool',
      'packages/one/node_modules/@scope/a-library',
    ]) {
      mkdirSync(join(folder, path), { recursive: true });
    }
    writeFileSync(join(folder, 'package.json'), '{ "devDependencies": { "a-tool": "1" } }');
    writeFileSync(
      join(folder, 'packages/one/package.json'),
      '{ "dependencies": { "@scope/a-library": "1" } }',
    );
    writeFileSync(join(folder, 'pnpm-lock.yaml'), 'one\ntwo\n');
    writeFileSync(join(folder, 'node_modules', '.pnpm', 'lock.yaml'), 'one\ntwo\n');
    writeFileSync(join(folder, 'node_modules', '.modules.yaml'), '{}');
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('not if node_modules fits the lockfile', () => {
    expect(isInstalled(folder)).toBe(true);
  });

  it('not because Git wrote the lockfile with the line ends of Windows', () => {
    writeFileSync(join(folder, 'pnpm-lock.yaml'), 'one\r\ntwo\r\n');
    expect(isInstalled(folder)).toBe(true);
  });

  it('if there is no node_modules', () => {
    rmSync(join(folder, 'node_modules'), { recursive: true });
    expect(isInstalled(folder)).toBe(false);
  });

  it('if the lockfile has changed since', () => {
    writeFileSync(join(folder, 'pnpm-lock.yaml'), 'one\nthree\n');
    expect(isInstalled(folder)).toBe(false);
  });

  it('if the dependencies of one package were tidied away', () => {
    rmSync(join(folder, 'packages/one/node_modules'), { recursive: true });
    expect(isInstalled(folder)).toBe(false);
  });

  it('if the last install was cut short', () => {
    rmSync(join(folder, 'node_modules', '.modules.yaml'));
    expect(isInstalled(folder)).toBe(false);
  });
});

describe('an install that failed', () => {
  it.each([
    'npm error code ENOTFOUND\nnpm error network request failed, reason: getaddrinfo ENOTFOUND registry.example',
    'npm error code ECONNREFUSED',
    ' ERR_PNPM_META_FETCH_FAIL  GET registry.example: request failed',
    'npm error code EAI_AGAIN',
  ])('for want of a network says so: %s', (output) => {
    expect(whyNotInstalled(output)).toMatch(/^The npm registry cannot be reached: check the network/);
  });

  it('because the lockfile is old says which command mends it', () => {
    expect(whyNotInstalled(' ERR_PNPM_OUTDATED_LOCKFILE  Cannot install')).toContain('npx pnpm install');
  });

  it('for a reason that we do not know points at what pnpm said', () => {
    expect(whyNotInstalled('something else')).toBe('What pnpm said stands above.');
  });
});
