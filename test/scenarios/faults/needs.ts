/** Rights and special files are POSIX's; Windows has other ones. */
export function isPosix(): boolean {
  return process.platform !== 'win32';
}
