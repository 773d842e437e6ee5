export type { SuiteCase } from './suite.js';
export { expanderSuite, type ExpanderFolder, type ExpanderSubject } from './suites/expander.js';
export { filterSuite, type FilterSubject } from './suites/filter.js';
export { grouperSuite, type GrouperSubject } from './suites/grouper.js';
export {
  listenerSuite,
  type ListenerBench,
  type ListenerCapability,
  type ListenerSubject,
} from './suites/listener.js';
export {
  submitterSuite,
  type Arrived,
  type SubmitterBench,
  type SubmitterCapability,
  type SubmitterSubject,
} from './suites/submitter.js';
export { ledgerSuite, type LedgerBench, type LedgerCapability, type LedgerSubject } from './suites/ledger.js';
export {
  memoryListener,
  type ListenerEffect,
  type MemoryListener,
  type MemoryListenerOptions,
} from './memory-listener.js';
export type { HeldDocument, HeldItem, LeftItem, MemoryContent, MemoryItem } from './memory-source.js';
export {
  memoryCold,
  type Arrival,
  type ColdEffect,
  type MemoryCold,
  type MemoryColdOptions,
} from './memory-cold.js';
export type { FaultTiming } from './faults.js';
export type { Step } from './step.js';
export { virtualClock, type VirtualClock } from './clock.js';
export { seededRandom, type SeededRandom } from './random.js';
export {
  brokenDocument,
  contentOf,
  deliveryOf,
  memoryDocument,
  sentAs,
  sentOf,
  type DeliveryExtra,
  type DocumentExtra,
} from './documents.js';
export * from './life/index.js';
