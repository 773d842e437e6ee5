import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { LanceurError, reasonOf, type Check } from '@lanceur/core';
import { sourceError } from './faults.js';
import { isMissing, isThere } from './file-system/file-system.js';
import type { Settings } from './options.js';
import { probe } from './probe.js';

/** Tries on the folder what a run needs, with a file of its own, and leaves nothing behind. */
export async function check(settings: Settings): Promise<readonly Check[]> {
  const { root, fs, after, quarantine, work } = settings;
  const listed = await attempt(settings, `source ${root} can be listed`, async () => {
    const entries = fs.list(root)[Symbol.asyncIterator]();
    await entries.next();
    await entries.return?.();
  });
  if (listed.result === 'failed') return [listed];

  const made = await missingFolders(settings);
  try {
    const checks = [listed];
    if (after.do !== 'keep') {
      checks.push(
        await attempt(settings, `documents can be taken out of ${root}`, async () => {
          await tryMove(settings, root, work);
        }),
      );
    }
    if (after.do === 'move') {
      checks.push(
        await attempt(settings, `accepted documents can go to ${after.to}`, async () => {
          await tryWrite(settings, after.to);
        }),
      );
    }
    checks.push(
      await attempt(settings, `rejected documents can go to ${quarantine}`, async () => {
        await tryMove(settings, root, quarantine);
      }),
    );
    checks.push(await clockCheck(settings));
    return checks;
  } finally {
    for (const folder of made) await fs.removeFolder(folder).catch(ignored);
  }
}

async function attempt({ root }: Settings, name: string, tried: () => Promise<void>): Promise<Check> {
  try {
    await tried();
    return { name, result: 'ok' };
  } catch (error) {
    if (LanceurError.is(error, 'SOURCE_STALLED')) throw error;
    const why = reasonOf(sourceError(root, error));
    return { name, result: 'failed', message: why.message, reason: why };
  }
}

/** In the working folder of the source: a file in the source itself could be taken for a document. */
async function tryMove(settings: Settings, root: string, to: string): Promise<void> {
  const { fs } = settings;
  const name = `.lanceur-check-${randomBytes(6).toString('hex')}.tmp`;
  const from = path.join(root, name);
  await fs.create(from, new Uint8Array(1));
  try {
    await fs.makeFolder(to);
    await fs.move(from, path.join(to, name));
    await fs.remove(path.join(to, name));
  } finally {
    await fs.remove(from).catch(ignored);
  }
}

async function tryWrite({ fs }: Settings, folder: string): Promise<void> {
  await fs.makeFolder(folder);
  const file = path.join(folder, `.lanceur-check-${randomBytes(6).toString('hex')}.tmp`);
  await fs.create(file, new Uint8Array(1));
  await fs.remove(file);
}

/** What the tries will make and was not there, innermost first. */
async function missingFolders({ fs, work, quarantine, after }: Settings): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const wanted of [quarantine, work, ...(after.do === 'move' ? [after.to] : [])]) {
    for (let at = wanted; !missing.includes(at) && !(await isThere(fs, at)); at = path.dirname(at))
      missing.push(at);
  }
  return missing.sort((a, b) => b.length - a.length);
}

async function clockCheck(settings: Settings): Promise<Check> {
  const { quietMs, hasMarks, verify, clock, root } = settings;
  const name = `the quiet time suits the clock of ${root}`;
  const warning = (message: string): Check => ({ name, result: 'warning', message });
  if (quietMs === 0 && !hasMarks) {
    return warning(
      'Files are taken at once (quiet: 0) and nothing else tells that they are whole: a document that is still being written can be delivered in part. Set a quiet time, or `complete`.',
    );
  }
  // EzGED's own screen counts this in seconds.
  if (quietMs > 0 && quietMs < 100) {
    return warning(
      `The quiet time is ${String(quietMs)} ms: it is given in milliseconds, so that 5 s is 5000.`,
    );
  }
  const found = await probe(settings);
  if (found === undefined) {
    return warning(
      'The folder cannot be written, so the volume’s clock cannot be asked: an item is taken once two listings, the quiet time apart, have seen it unchanged.',
    );
  }
  if (quietMs > 0 && quietMs < found.tickMs && verify !== 'digest') {
    return warning(
      `The volume counts time in steps of ${String(found.tickMs)} ms, more than the quiet time of ${String(quietMs)} ms: accepted documents are read once more before they leave.`,
    );
  }
  const behind = Math.round((clock.now() - found.nowMs) / 1000);
  if (Math.abs(behind) > 60) {
    return warning(
      `The volume’s clock differs from this machine’s by ${String(behind)} s; ages are counted by the volume’s.`,
    );
  }
  return { name, result: 'ok' };
}

function ignored(error: unknown): void {
  if (!isMissing(error)) return;
}
