// Uses the packed packages as a program of somebody else would: installs them into an empty folder, imports each of
// their entries, and compiles against their types. Finds what only works inside this repository: a dependency that is
// not declared, a file that is not packed, a type that leans on our own compiler settings.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure, npm, root, whyNotInstalled } from './workspace.mjs';

/**
 * @param {readonly string[]} packages - folders, relative to the repository
 * @param {readonly string[]} tarballs - absolute paths
 */
export function usePackages(packages, tarballs) {
  // Not below the repository, where Node would find the repository's own dependencies.
  const folder = mkdtempSync(join(tmpdir(), 'lanceur-consumer-'));
  try {
    useIn(folder, packages, tarballs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder
 * @param {readonly string[]} packages
 * @param {readonly string[]} tarballs
 */
function useIn(folder, packages, tarballs) {
  write('package.json', { private: true, type: 'module' });
  const types = `@types/node@${String(process.versions.node.split('.', 1))}`;
  const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts'];
  const { ok, output } = npm(['install', ...quiet, types, ...tarballs], folder);
  if (!ok) throw new Failure(`The tarballs could not be installed. ${whyNotInstalled(output)}\n${output}`);

  const imports = packages
    .flatMap(entriesOf)
    .map((entry, n) => `import * as entry${String(n)} from '${entry}';`);
  const used = imports.map((_, n) => `entry${String(n)}`).join(', ');
  writeFileSync(
    join(folder, 'main.ts'),
    `${imports.join('\n')}\nexport const all: readonly object[] = [${used}];\n`,
  );
  write('tsconfig.json', {
    compilerOptions: { target: 'es2023', module: 'nodenext', strict: true, types: ['node'], outDir: 'out' },
    files: ['main.ts'],
  });
  run(join(root, 'node_modules', 'typescript', 'bin', 'tsc'), 'does not compile');
  run(join('out', 'main.js'), 'does not run');

  /** @param {string} name @param {object} content */
  function write(name, content) {
    writeFileSync(join(folder, name), JSON.stringify(content));
  }

  /** @param {string} script @param {string} what */
  function run(script, what) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
      cwd: folder,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Failure(`A program that uses the packages ${what}:\n${stdout}${stderr}`);
  }
}

/**
 * The names by which a package's modules are imported.
 *
 * @param {string} folder
 * @returns {readonly string[]}
 */
function entriesOf(folder) {
  /** @type {{ readonly name: string, readonly exports: object }} */
  const { name, exports } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  return Object.keys(exports)
    .filter((key) => !key.endsWith('.json'))
    .map((key) => name + key.slice(1));
}
