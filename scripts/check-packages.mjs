// npm run check:packages: packs every package and looks at the tarball as a registry's user would get it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { command, Failure, packageFolders, pnpm, ready, root, say } from './workspace.mjs';

const tarballs = join(root, '.cache', 'tarballs');

await command(() => {
  ready();
  rmSync(tarballs, { recursive: true, force: true });
  mkdirSync(tarballs, { recursive: true });
  for (const folder of packageFolders(root)) pack(folder);
  const bad = readdirSync(tarballs).filter((tarball) => !isClean(join(tarballs, tarball)));
  if (bad.length > 0)
    throw new Failure(`Not fit to be published: ${bad.join(', ')}. What is wrong stands above.`);
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
