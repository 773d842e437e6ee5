import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { needs, pathOf } from './needs.js';

const PROGRAM = 'lanceur-made-up-program';
const FILE = process.platform === 'win32' ? `${PROGRAM}.EXE` : PROGRAM;

let folder: string;
let said: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lanceur-needs-'));
  said = '';
  vi.stubEnv('PATH', folder);
  vi.stubEnv('PATHEXT', '.EXE');
  vi.stubEnv('CI', undefined);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function provide(): void {
  writeFileSync(join(folder, FILE), '');
  chmodSync(join(folder, FILE), 0o755);
}

describe('a test that needs a program', () => {
  it('runs where the program is, and says nothing', () => {
    provide();
    expect(needs(PROGRAM)).toBe(true);
    expect(pathOf(PROGRAM)).toBe(join(folder, FILE));
    expect(said).toBe('');
  });

  it('is left out where the program is not, and one line says what is missing and how to get it', () => {
    expect(needs(PROGRAM)).toBe(false);
    expect(said.trim()).toBe(
      `!! SKIPPED: ${PROGRAM} is not on this machine (apt-get install ${PROGRAM}): the tests that need it cannot run.`,
    );
  });

  it('is left out where the program is there and does not work', () => {
    provide();
    expect(needs(PROGRAM, { install: 'ask the kernel', works: () => false })).toBe(false);
    expect(said).toContain(`${PROGRAM} is there, but does not work here (ask the kernel)`);
  });

  it('does not take a folder of that name for the program', () => {
    mkdirSync(join(folder, FILE));
    expect(needs(PROGRAM)).toBe(false);
  });

  it.each(['true', '1'])('fails rather than be left out when CI is "%s"', (value) => {
    vi.stubEnv('CI', value);
    expect(() => needs(PROGRAM)).toThrow(/in CI none may be left out/);
    expect(said).toBe('');
  });

  it.each(['', 'false'])('may be left out when CI is "%s"', (value) => {
    vi.stubEnv('CI', value);
    expect(needs(PROGRAM)).toBe(false);
  });
});
