// Magic numbers of file systems whose locks or shared memory do not reach other machines: include/uapi/linux/magic.h
// and fs/smb/client/cifsfs.c of Linux.
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x01021997, '9p'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
]);
const FUSE = 0x65735546;

/**
 * Why SQLite's WAL is not safe there, or `undefined`: it needs memory that all its users share, which no network file
 * system gives.
 *
 * @param realPath - absolute, links and mapped drives resolved.
 * @param fileSystem - `statfs().type`.
 */
export function networkProblem(
  realPath: string,
  fileSystem: number | undefined,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  if (platform === 'win32') {
    return isUnc(realPath) ? 'it is on a network share, where several machines could damage it' : undefined;
  }
  if (platform !== 'linux' || fileSystem === undefined) return undefined;
  const name = NETWORK_FILE_SYSTEMS.get(fileSystem >>> 0);
  return name === undefined
    ? undefined
    : `it is on a network file system (${name}), where several machines could damage it`;
}

/** Whether it cannot be told: behind FUSE there may be a local disk (NTFS) or another machine (sshfs). */
export function mayBeNetwork(
  fileSystem: number | undefined,
  platform: NodeJS.Platform = process.platform,
): boolean {
  return platform === 'linux' && fileSystem !== undefined && fileSystem >>> 0 === FUSE;
}

/** `\\server\share` and `\\?\UNC\server\share`, but neither `\\?\C:\` nor `\\.\C:\`. */
function isUnc(path: string): boolean {
  const slashed = path.replaceAll('/', '\\');
  if (/^\\\\[?.]\\/u.test(slashed)) return /^\\\\[?.]\\UNC\\/iu.test(slashed);
  return slashed.startsWith('\\\\');
}
