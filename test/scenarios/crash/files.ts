import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** All files in a folder and below it; none if it is not there. */
export function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });
}
