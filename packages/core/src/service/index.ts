export { Service, type ServiceOptions, type ServiceStopOptions } from './service.js';
export type { ServedLauncher, ServiceEntry } from './entry.js';
export type { ServiceEvent, ServiceEvents } from './events.js';
export type { LauncherState, LeftSummary, RunSummary } from './state.js';
