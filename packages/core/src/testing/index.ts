export type { SuiteCase } from './suite.js';
