import { LanceurError } from '@lanceur/core';
import { systemWords } from '../system-words.js';
import { errno } from './file-system.js';
import { StalledError } from './guard.js';
import type { Settings } from './options.js';
import { StagingError, type Place } from './place.js';
import { NoRoomError } from './room.js';

/**
 * What went wrong on the way to a target, as an error that names its job. A `LanceurError` stays what it is.
 * @param bytes - that were to be written there.
 */
export async function targetFailure(
  error: unknown,
  place: Place,
  settings: Settings,
  bytes = 0,
): Promise<LanceurError> {
  if (LanceurError.is(error)) return error;
  const { job, path } = settings;
  const options = { job, cause: error };
  if (error instanceof StalledError) {
    return new LanceurError('TARGET_STALLED', { path, job, seconds: error.seconds }, options);
  }
  if (error instanceof NoRoomError) {
    return new LanceurError('TARGET_FULL', { path, job, free: error.free, need: error.need }, options);
  }
  await place.doubt().catch(() => undefined);
  if (error instanceof StagingError && error.code !== 'ENOENT') return stagingFailure(error, settings);
  switch (errno(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new LanceurError(
        'TARGET_FULL',
        { path, job, free: await freeOf(place), need: settings.keepFree + bytes },
        options,
      );
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new LanceurError('TARGET_DENIED', { path, job, why: systemWords(error) }, options);
    case 'EXDEV':
      return new LanceurError('TARGET_FAILED', { job, why: otherVolume(settings) }, options);
    case 'ENOENT':
      if (await isGone(place)) return new LanceurError('TARGET_GONE', { path, job }, options);
      return new LanceurError(
        'TARGET_FAILED',
        { job, why: `something was taken out of ${settings.staging}` },
        options,
      );
    default:
      return new LanceurError('TARGET_FAILED', { job, why: `${path}: ${systemWords(error)}` }, options);
  }
}

function stagingFailure(error: StagingError, { job, path, staging }: Settings): LanceurError {
  const options = { job, cause: error.cause };
  const why = `its staging directory ${staging} cannot be used (${systemWords(error.cause)}); set \`staging\` to another folder of the same volume`;
  if (error.code === 'EACCES' || error.code === 'EPERM' || error.code === 'EROFS') {
    return new LanceurError('TARGET_DENIED', { path, job, why }, options);
  }
  return new LanceurError('TARGET_FAILED', { job, why }, options);
}

function otherVolume({ path, staging }: Settings): string {
  return `${staging} is not on the volume of ${path}, so that nothing can be placed in one step; set \`staging\` to a folder of that volume`;
}

async function isGone(place: Place): Promise<boolean> {
  try {
    await place.fs.stat(place.path);
    return false;
  } catch (error) {
    return errno(error) === 'ENOENT';
  }
}

async function freeOf(place: Place): Promise<number> {
  return place.room.ask().catch(() => 0);
}
