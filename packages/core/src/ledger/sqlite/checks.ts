import { statfs } from 'node:fs/promises';
import type { Check } from '../../contracts/check.js';
import { reasonOf } from '../../errors.js';
import type { Connection } from './driver.js';
import { mayBeNetwork } from './network.js';
import type { Place } from './place.js';
import type { Writer } from './writer.js';

/** A ledger grows by about 1 KB an item; with less free than this, somebody should look. */
const LITTLE_ROOM = 100 * 1024 * 1024;

/**
 * Tries what a run relies on. Looking through the whole file holds the event loop for about 1 s per GB.
 */
export async function checksOf(
  writer: Writer,
  connection: Connection,
  place: Place,
): Promise<readonly Check[]> {
  return [
    await tried(`ledger ${place.path} can be written`, () => writer.alone(() => undefined)),
    await tried(`ledger ${place.path} is intact`, () => writer.read(() => intact(connection))),
    await tried('ledger: what is written survives a power cut', () => writer.read(() => durable(connection))),
    await tried(`ledger: room on the volume of ${place.folder}`, () => room(place)),
    await tried('ledger: it is on a disk of this machine', () => local(place)),
  ];
}

/** What is wrong, if anything; `failed` where it does not work at all. */
type Finding = Pick<Check, 'result' | 'message'> | undefined;

async function tried(name: string, look: () => Promise<Finding>): Promise<Check> {
  try {
    return { name, result: 'ok', ...(await look()) };
  } catch (error) {
    const reason = reasonOf(error);
    return { name, result: 'failed', message: reason.message, reason };
  }
}

function intact(connection: Connection): Finding {
  const found = connection.column('PRAGMA quick_check(1)').map(String);
  return found[0] === 'ok' ? undefined : { result: 'failed', message: found.join('; ') };
}

function durable(connection: Connection): Finding {
  const journal = String(connection.column('PRAGMA journal_mode')[0]);
  const synchronous = connection.number('PRAGMA synchronous');
  if (journal === 'wal' && synchronous >= 2) return undefined;
  const message = `journal_mode is ${journal} and synchronous ${String(synchronous)}; WAL and FULL (2) are needed`;
  return { result: 'failed', message };
}

async function room(place: Place): Promise<Finding> {
  const { bavail, bsize } = await statfs(place.folder);
  const free = bavail * bsize;
  if (free >= LITTLE_ROOM) return undefined;
  return { result: 'warning', message: `only ${String(Math.floor(free / 1024 / 1024))} MB are free` };
}

async function local(place: Place): Promise<Finding> {
  if (!mayBeNetwork((await statfs(place.folder)).type)) return undefined;
  const message =
    'it is behind FUSE, which may be a local disk or another machine; on the latter it is not safe';
  return { result: 'warning', message };
}
