export { schedule, type Schedule, type ScheduleOptions } from './schedule.js';
export type { ScheduleRow } from './fields.js';
export { runOnSchedule, type RunOnScheduleOptions, type ScheduledRun } from './run-on-schedule.js';
