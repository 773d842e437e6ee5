// What every command of this repository needs first: a Node that is new enough, the dependencies of the lockfile and
// a current build. Plain JavaScript without dependencies, since it runs before there are any.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder, absolute. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A failure that is explained in full by its message: no stack trace is printed for it. */
export class Failure extends Error {}

/**
 * Runs the body of a command and turns a {@link Failure} into a message and exit code 1.
 *
 * @param {() => void | Promise<void>} body
 */
export async function command(body) {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(`\n✗ ${error.message}`);
    process.exitCode = 1;
  }
}

/** Makes the repository ready to run: one short line for each step that has something to do. */
export function ready() {
  requireNode();
  if (!isInstalled(root)) install();
  build();
}

/** @param {string} text */
export function say(text) {
  console.log(`▸ ${text}`);
}

/**
 * Runs a program of node_modules under this Node and returns its exit code; its output goes where ours goes.
 *
 * @param {string} script - relative to the repository
 * @param {readonly string[]} args
 */
export function runNode(script, args) {
  const path = join(root, script);
  if (!existsSync(path))
    throw new Failure(`${script} is missing: remove node_modules and run the command again.`);
  const { status, signal, error } = spawnSync(process.execPath, [path, ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (error) throw new Failure(`${script} could not be started: ${error.message}`);
  if (signal) throw new Failure(`${script} was ended by ${signal}.`);
  return status ?? 1;
}

/**
 * Runs the pnpm that package.json pins, fetched through npm, so that a machine needs nothing but Node.
 *
 * @param {readonly string[]} args
 * @returns {Outcome}
 */
export function pnpm(args) {
  return npm([...pnpmProgram(), ...args], root);
}

/** The arguments by which npm runs that pnpm; its own follow. */
export function pnpmProgram() {
  return ['exec', '--yes', `--package=${manifest().packageManager}`, '--', 'pnpm'];
}

/** @typedef {{ readonly ok: boolean, readonly output: string }} Outcome */

/**
 * @param {readonly string[]} args - without blanks and quotes, since a shell may read them
 * @param {string} folder - where it runs
 * @returns {Outcome}
 */
export function npm(args, folder) {
  const { file, leading, shell } = npmProgram();
  const { status, error, stdout, stderr } = spawnSync(file, [...leading, ...args], {
    cwd: folder,
    shell,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...PATIENCE },
  });
  if (error) throw new Failure(`npm could not be started: ${error.message}`);
  return { ok: status === 0, output: `${stdout}${stderr}`.trim() };
}

// npm's own waits add up to minutes before it admits that there is no network.
const PATIENCE = {
  npm_config_fetch_retries: '2',
  npm_config_fetch_retry_mintimeout: '1000',
  npm_config_fetch_retry_maxtimeout: '5000',
};

/**
 * npm's own script where it can be found: it then runs without a shell, also on Windows, where `npm` is a .cmd file.
 *
 * @returns {{ readonly file: string, readonly leading: readonly string[], readonly shell: boolean }}
 */
function npmProgram() {
  const beside = dirname(process.execPath);
  const script = [
    process.env['npm_execpath'] ?? '',
    join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(dirname(beside), 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ].find((path) => basename(path) === 'npm-cli.js' && existsSync(path));
  if (script !== undefined) return { file: process.execPath, leading: [script], shell: false };
  return { file: 'npm', leading: [], shell: process.platform === 'win32' };
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Failure(`Node ${process.versions.node} is too old: Lanceur needs Node 20.19 or later.`);
}

/**
 * Whether node_modules is what the lockfile asks for: pnpm leaves a copy of the lockfile that it installed, and writes
 * `.modules.yaml` last. The links of each package are looked at as well, since they lie beside its sources and go with
 * them when somebody tidies up.
 *
 * @param {string} folder - of the repository
 */
export function isInstalled(folder) {
  const copy = join(folder, 'node_modules', '.pnpm', 'lock.yaml');
  if (!existsSync(copy) || !existsSync(join(folder, 'node_modules', '.modules.yaml'))) return false;
  if (withoutCarriageReturns(copy) !== withoutCarriageReturns(join(folder, 'pnpm-lock.yaml'))) return false;
  return ['.', ...packageFolders(folder)].every((name) => isLinked(join(folder, name)));
}

/** @param {string} folder - of a package */
function isLinked(folder) {
  /** @type {{ readonly dependencies?: object, readonly devDependencies?: object }} */
  const { dependencies = {}, devDependencies = {} } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  return Object.keys({ ...dependencies, ...devDependencies }).every((name) =>
    existsSync(join(folder, 'node_modules', name)),
  );
}

/**
 * The folders of the packages, relative to the repository.
 *
 * @param {string} folder - of the repository
 */
export function packageFolders(folder) {
  return readdirSync(join(folder, 'packages'))
    .map((name) => join('packages', name))
    .filter((path) => existsSync(join(folder, path, 'package.json')));
}

function install() {
  say(`installing dependencies with ${manifest().packageManager} (a minute the first time)`);
  const { ok, output } = pnpm(['install', '--frozen-lockfile', '--config.confirm-modules-purge=false']);
  if (ok) return;
  console.error(output.split('\n').slice(-20).join('\n'));
  throw new Failure(`The dependencies could not be installed. ${whyNotInstalled(output)}`);
}

/**
 * What to do about an install that failed.
 *
 * @param {string} output - of pnpm, or of the npm that should have fetched it
 * @returns {string}
 */
export function whyNotInstalled(output) {
  if (
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT)\b|META_FETCH_FAIL/.test(
      output,
    )
  ) {
    return (
      "The npm registry cannot be reached: check the network, and npm's proxy and registry settings " +
      '(`npm config list`), then run the same command again.'
    );
  }
  if (output.includes('ERR_PNPM_OUTDATED_LOCKFILE')) {
    return 'pnpm-lock.yaml does not fit the package.json files: run `npx pnpm install` and commit the lockfile.';
  }
  if (/\bENOSPC\b/.test(output)) return 'The disk is full.';
  if (/\b(EACCES|EPERM)\b/.test(output)) return 'A file could not be written: see the path above.';
  return 'What pnpm said stands above.';
}

/** Incremental: nothing changed costs about a second. */
export function build() {
  const start = performance.now();
  if (runNode('node_modules/typescript/bin/tsc', ['-b']) !== 0) {
    throw new Failure("The build failed: the compiler's messages stand above.");
  }
  say(`built (${((performance.now() - start) / 1000).toFixed(1)} s)`);
}

/** @returns {{ readonly packageManager: string }} */
function manifest() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
}

/** @param {string} path */
function withoutCarriageReturns(path) {
  return readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
}
