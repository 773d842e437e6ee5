// npm run check:packages: packs every package, looks at the tarballs as a registry's user would get them, uses them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { usePackages } from './use-packages.mjs';
import { command, Failure, packageFolders, pnpm, ready, root, say } from './workspace.mjs';

const tarballs = join(root, '.cache', 'tarballs');

await command(() => {
  ready();
  rmSync(tarballs, { recursive: true, force: true });
  mkdirSync(tarballs, { recursive: true });
  const packages = packageFolders(root);
  for (const folder of packages) pack(folder);
  const packed = readdirSync(tarballs).map((name) => join(tarballs, name));
  const bad = packed.filter((tarball) => !isClean(tarball));
  if (bad.length > 0)
    throw new Failure(
      `Not fit to be published: ${bad.map((path) => basename(path)).join(', ')}. What is wrong stands above.`,
    );
  usePackages(packages, packed);
  say('all packages are fit to be published');
});

/** @param {string} folder */
function pack(folder) {
  const { ok, output } = pnpm([
    '-C',
    folder,
    'pack',
    '--pack-destination',
    relative(join(root, folder), tarballs),
  ]);
  if (!ok) throw new Failure(`${folder} could not be packed:\n${output}`);
}

/** @param {string} tarball */
function isClean(tarball) {
  const findings = [
    ['node_modules/publint/src/cli.js', 'run', tarball, '--strict'],
    ['node_modules/@arethetypeswrong/cli/dist/index.js', tarball, '--profile', 'esm-only'],
  ].flatMap(([script = '', ...args]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, script), ...args], {
      encoding: 'utf8',
    });
    return status === 0 ? [] : [`${stdout}${stderr}`];
  });
  for (const finding of findings) console.error(finding);
  say(`${relative(root, tarball)}: ${findings.length === 0 ? 'clean' : 'see above'}`);
  return findings.length === 0;
}
