// Writes packages/core/scenario.schema.json from the shapes that the parser reads by.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
import { scenarioSchema } from '../packages/core/dist/scenario/index.js';

const file = fileURLToPath(new URL('../packages/core/scenario.schema.json', import.meta.url));
const options = await prettier.resolveConfig(file);
const text = await prettier.format(JSON.stringify(scenarioSchema()), { ...options, filepath: file });
await writeFile(file, text);
console.log(`wrote ${file}`);
