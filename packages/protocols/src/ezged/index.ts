export { ezged, type Ezged } from './ezged.js';
export type { EzgedOptions, EzgedTimeouts, UploadProgress } from './options.js';
export type { JobOutcome, JobState, JobStatus, JobWait } from './jobs.js';
export type { Secret } from '../secret.js';
