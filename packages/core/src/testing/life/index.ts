export type { LifeProblem } from './auditor.js';
export { storyOf } from './draw.js';
export { memoryWorld, type MemoryWorldOptions } from './memory-world.js';
export { playStory, type LifeHistory, type LifeOptions, type LifeWorldOptions } from './play.js';
export type { LauncherBlocks } from './process.js';
export { lifeSuite, type LifeSubject } from './suite.js';
export { shrinkHistory } from './shrink.js';
export type {
  FaultyCall,
  DocumentKind,
  Moment,
  Story,
  StoryCold,
  StoryEvent,
  StoryItem,
  StoryPolicy,
  StoryProcess,
  StorySource,
} from './story.js';
export type { LifeTime, Waited } from './time.js';
export { tellHistory } from './tell.js';
export type {
  LifeBlocks,
  LifeCold,
  LifeDocument,
  LifeItem,
  LifeKept,
  LifeProcess,
  LifeSource,
  LifeWorld,
} from './world.js';
