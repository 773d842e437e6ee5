import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { COPIED, GROUPS, LEFT_OUT } from '../../scripts/wine-suites.mjs';

const SCRIPT = fileURLToPath(new URL('../../scripts/wine.mjs', import.meta.url));

describe('the tests on Windows', () => {
  it.each([...GROUPS.flat(), ...LEFT_OUT.map(({ path }) => path), ...COPIED])('know where %s is', (path) => {
    expect(existsSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)))).toBe(true);
  });

  it('are left out on a machine that lacks a part of Wine, and one line says what to install', () => {
    const { status, stdout, stderr } = onABareMachine('');
    expect(stdout).toMatch(/^!! SKIPPED: .*x86_64-w64-mingw32-ld.* \(apt-get install wine64 .*\n$/);
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('fail rather than be left out in CI', () => {
    const { status, stdout, stderr } = onABareMachine('true');
    expect(stderr).toMatch(/x86_64-w64-mingw32-ld.*in CI no suite may be left out/);
    expect(stdout).toBe('');
    expect(status).toBe(1);
  });
});

function onABareMachine(CI: string) {
  return spawnSync(process.execPath, [SCRIPT], {
    encoding: 'utf8',
    env: { ...process.env, PATH: '', CI },
  });
}
