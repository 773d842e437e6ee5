export type * from './actes/fields.js';
export type * from './chorus/fields.js';
export type * from './helios/fields.js';
export type * from './helios/returned-fields.js';
export {
  completeDeposit,
  type DepositCompleteness,
  type DepositFile,
  type SeenDeposit,
} from './completeness.js';
export { decodeEnvelope, type DecodeOptions } from './decode.js';
export type {
  ActesEnvelope,
  ChorusEnvelope,
  Envelope,
  EnvelopeDocument,
  EnvelopeParts,
  EnvelopeType,
  HeliosEnvelope,
  Message,
  RawEnvelope,
  Shape,
} from './envelope.js';
export { envelopes, type EnvelopesOptions } from './expander.js';
export type { EnvelopeInput, MemoryFile } from './input.js';
export { ISSUES, type Issue, type IssueCode, type IssueData, type Severity } from './issues.js';
export { DEFAULT_LIMITS, type Limits } from './limits.js';
export type { DepositOptions, ReadingOptions } from './options.js';
export { DEFAULT_ROLES, type Role } from './pastell/roles.js';
export { DEFAULT_RECOGNITION, type Recognition } from './recognise.js';
export { adullactProtocol } from './protocol.js';
export { amountIn, dateIn, isSirenOrSiret, sirenIn, type Amount, type CalendarDate } from './values.js';
