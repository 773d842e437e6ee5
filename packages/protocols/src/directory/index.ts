export { directory } from './directory.js';
export { directoryProtocol } from './protocol.js';
export type { DirectoryOptions, Unit } from './options.js';
export { keep, moveTo, remove, type After, type Dated, type MoveToOptions } from './after.js';
export { JUNK } from './junk.js';
export type { Completeness, SeenFile, SeenItem } from './completeness/completeness.js';
export { all, any } from './completeness/combine.js';
export { doneFile } from './completeness/done-file.js';
export { endMarks } from './completeness/end-marks.js';
export { extensions } from './completeness/extensions.js';
export { quiet } from './completeness/quiet.js';
export type { RejectionNote } from './quarantine.js';
export type {
  FileKind,
  FileStat,
  FileSystem,
  FolderEntry,
  Opened,
  OpenFile,
} from './file-system/file-system.js';
export { threadFileSystem } from './file-system/thread.js';
