export type { Envelope, EnvelopeBase, EnvelopeDocument, EnvelopeType, Shape } from './envelope.js';
export { ISSUES, type Issue, type IssueCode, type IssueData, type Severity } from './issues.js';
export { DEFAULT_LIMITS, type Limits } from './limits.js';
