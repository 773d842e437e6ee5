// Runs TypeScript where it stands, on every Node that we support: `node --import ./scripts/typescript.mjs x.ts`.
// For benches and helpers of the tests, which import each other by relative paths. It does not check types:
// `npm run typecheck` does.
import * as nodeModule from 'node:module';
import * as hooks from './typescript-hooks.mjs';

// The newer way where there is one: Node 26 warns of the older.
if ('registerHooks' in nodeModule) {
  /** @type {(hooks: object) => void} */ (nodeModule.registerHooks)(hooks);
} else {
  nodeModule.register('./typescript-hooks.mjs', import.meta.url);
}
