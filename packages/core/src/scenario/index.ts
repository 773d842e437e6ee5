export { parseRow, parseScenario } from './parse-scenario.js';
export { createLauncher, type CreateLauncherOptions } from './create-launcher.js';
export {
  createSubmitter,
  type EzgedCall,
  type SubmitterMakers,
  type WaitingDirectoryCall,
} from './create-submitter.js';
export { importEzgedRow, type ImportedRow } from './import-ezged-row.js';
export { secretOf } from './secrets.js';
export { scenarioSchema } from './json-schema.js';
export type { JsonSchema } from './shape/shape.js';
export type {
  AnyProtocol,
  Protocol,
  ProtocolContext,
  SeenInFolder,
  SourceBlocks,
  WholeRule,
} from './protocol.js';
export type { SecretRef } from './secret-ref.js';
export type { EzgedAccount, EzgedTarget, FolderTarget, JobTarget, Scenario } from './scenario.js';
export type {
  AdullactRow,
  AffiliatedJob,
  AfterFile,
  AfterMail,
  CommonRow,
  DirectoryRow,
  EnvelopeFields,
  FolderFields,
  ImapFields,
  ImapRow,
  MailFields,
  MailParts,
  OAuth,
  PopFields,
  PopRow,
  ProtocolName,
  Row,
} from './row.js';
