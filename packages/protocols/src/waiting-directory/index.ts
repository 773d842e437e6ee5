export { waitingDirectory, type WaitingDirectory } from './waiting-directory.js';
export type { JobTarget, TargetOptions, WaitingDirectoryOptions } from './options.js';
export type { ManifestContent, ManifestSubject } from '../manifest.js';
export { nodeFileSystem, type FileStat, type FileSystem, type OpenFile } from './file-system.js';
