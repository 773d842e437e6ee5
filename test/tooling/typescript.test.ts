import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const LOADER = new URL('../../scripts/typescript.mjs', import.meta.url).href;

describe('a TypeScript program of the tests', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lanceur-typescript-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('runs uncompiled on every supported Node, and imports its neighbours as .js', () => {
    writeFileSync(join(folder, 'neighbour.ts'), 'export const answer = (n: number): number => n * 2;\n');
    writeFileSync(
      join(folder, 'main.ts'),
      "import { answer } from './neighbour.js';\nprocess.stdout.write(String(answer(21)));\n",
    );
    const output = execFileSync(process.execPath, ['--import', LOADER, join(folder, 'main.ts')], {
      encoding: 'utf8',
    });
    expect(output).toBe('42');
  });
});
