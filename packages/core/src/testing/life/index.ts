export type { Problem } from './auditor.js';
export { storyOf } from './draw.js';
export { memoryWorld, type MemoryWorldOptions } from './memory-world.js';
export { play, type History, type PlayOptions, type WorldOptions } from './play.js';
export type { LauncherBlocks } from './process.js';
export { shrink } from './shrink.js';
export type {
  FaultyCall,
  Kind,
  Story,
  StoryCold,
  StoryEvent,
  StoryItem,
  StoryPolicy,
  StoryProcess,
  StorySource,
} from './story.js';
export { told } from './tell.js';
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
