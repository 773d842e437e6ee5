import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { reason, type Check, type Clock, type LanceurError } from '@lanceur/core';
import { targetFailure } from './failure.js';
import { unless } from './file-system.js';
import type { Settings } from './options.js';
import type { Place } from './place.js';
import { probe, type Placement } from './probe.js';
import { makeFolders } from './runs.js';
import { stageBytes } from './stage.js';

/** Tries all that a submission to this target needs, and leaves nothing behind. */
export async function checkTarget(place: Place, settings: Settings, clock: Clock): Promise<readonly Check[]> {
  const { job, path } = settings;
  const checks: Check[] = [];
  const attempt = async (
    name: string,
    work: () => Promise<Check['result'] | Omit<Check, 'name'>>,
  ): Promise<boolean> => {
    try {
      const result = await work();
      checks.push(typeof result === 'string' ? { name, result } : { name, ...result });
      return true;
    } catch (error) {
      checks.push(failed(name, await targetFailure(error, place, settings)));
      return false;
    }
  };

  const isThere = await attempt(`waiting directory of job ${job} (${path}) is there`, async () => {
    const { kind } = await place.fs.stat(path);
    if (kind !== 'directory') throw Object.assign(new Error('is not a directory'), { code: 'ENOTDIR' });
    return 'ok';
  });
  if (!isThere) return checks;
  await attempt(`job ${job}: placing`, () =>
    inScratch(place, async (scratch) => {
      const placement = await probe(place.fs, clock, scratch, path);
      await stageBytes(place, Buffer.from('lanceur'), join(scratch, 'flush'), 0);
      await place.fs.unlink(join(scratch, 'flush'));
      return aboutPlacement(placement, settings);
    }),
  );
  await attempt(`job ${job}: ${path} can be written`, async () => {
    await writeInTarget(place, settings);
    return 'ok';
  });
  await attempt(`job ${job}: free space`, async () => {
    await place.room.ask();
    await place.room.use(0, settings.keepFree, () => Promise.resolve());
    return 'ok';
  });
  return checks;
}

function failed(name: string, error: LanceurError): Check {
  return { name, result: 'failed', message: error.message, reason: error.reason };
}

function aboutPlacement(
  { links, ctime, trusted, flush }: Placement,
  settings: Settings,
): Omit<Check, 'name'> {
  const { job, path, layout } = settings;
  if (!links) {
    const unguarded = reason('TARGET_UNGUARDED', { job, path });
    return { result: 'warning', message: unguarded.message, reason: unguarded };
  }
  const how =
    layout === 'folder'
      ? 'by renaming a whole folder to a name that was free; safe against our own writers only'
      : 'by hard links, which never overwrite';
  const known =
    ctime === 'none'
      ? 'after a crash in the middle of placing it can only be told what is still there'
      : trusted || layout === 'folder'
        ? 'after a crash it can be told what was placed'
        : 'after a crash in the middle of placing it can be told, unless the COLD has taken the document already';
  const durable = flush
    ? 'new names are flushed to the disk'
    : 'new names cannot be flushed here, so that a power cut may undo the last of them';
  return {
    result: ctime === 'none' || !flush ? 'warning' : 'ok',
    message: `placed ${how}; ${known}; ${durable}`,
  };
}

/** In a folder of its own in staging, removed again together with all that had to be made for it. */
async function inScratch<T>(place: Place, work: (scratch: string) => Promise<T>): Promise<T> {
  const scratch = join(place.runs.root, `check-${randomBytes(6).toString('hex')}`);
  const made = await place.staging(() => makeFolders(place.fs, scratch));
  try {
    return await work(scratch);
  } finally {
    for (const folder of made) await unless(place.fs.rmdir(folder), 'ENOENT', 'ENOTEMPTY', 'EEXIST', 'EPERM');
  }
}

/** What is tried in a waiting directory is what its COLD does not take: a folder where it takes files, a file where it takes folders. */
async function writeInTarget(place: Place, { layout }: Settings): Promise<void> {
  const path = place.final(`.lanceur-check-${randomBytes(6).toString('hex')}`);
  if (layout === 'flat') {
    await place.fs.mkdir(path);
    await place.fs.rmdir(path);
  } else {
    await (await place.fs.open(path, 'wx')).close();
    await place.fs.unlink(path);
  }
}
