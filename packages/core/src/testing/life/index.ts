export type { Problem } from './auditor.js';
export { storyOf } from './draw.js';
export { play, type History, type PlayOptions, type WorldOptions } from './play.js';
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
