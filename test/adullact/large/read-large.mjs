// node read-large.mjs <how> <folder> <name>: reads one PES in a process of its own, and prints what came out and what memory it took.
// JavaScript, because the compiler would take more memory than the reading.
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decodeEnvelope, envelopes } from '@lanceur/adullact';
import { byExtension, Launcher, memoryLedger } from '@lanceur/core';
import { directory } from '@lanceur/protocols/directory';
import { waitingDirectory } from '@lanceur/protocols/waiting-directory';
import { peakBytes } from '../../support/peak.mjs';

const [how = '', folder = '', name = ''] = process.argv.slice(2);
const source = join(folder, 'source');

/**
 * Of all attachments, by name, so that those of the launcher compare with those of the library.
 *
 * @param {readonly { readonly name: string; readonly size: number; readonly open: () => import('node:stream').Readable }[]} files
 */
async function tellOf(files) {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const { size, open } of [...files].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    bytes += size;
    for await (const chunk of open()) hash.update(chunk);
  }
  return { files: files.length, bytes, sha256: hash.digest('hex') };
}

async function byLibrary() {
  const envelope = await decodeEnvelope(join(source, name), { folder: join(folder, 'work') });
  const attachments = await tellOf(envelope.documents.filter(({ role }) => role === 'attachment'));
  const { type, kind, issues } = envelope;
  await envelope.close();
  return { type, kind, issues: issues.length, ...attachments };
}

async function byLauncher() {
  const target = join(folder, 'target');
  const launcher = new Launcher({
    id: 'large',
    listener: directory({ path: source, unit: 'entry', quiet: 0 }),
    expand: envelopes(),
    spool: join(folder, 'spool'),
    grouper: byExtension({ helios: '1' }),
    submitter: waitingDirectory({ jobs: { 1: target }, layout: 'folder' }),
    ledger: memoryLedger(),
  });
  const { counts, left } = await launcher.run();
  await launcher.close();
  if (counts.accepted !== 1) throw new Error(JSON.stringify(left));
  const placed = readdirSync(target, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== name)
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return { name: entry.name, size: statSync(path).size, open: () => createReadStream(path) };
    });
  return await tellOf(placed);
}

const result = how === 'launcher' ? await byLauncher() : await byLibrary();
process.stdout.write(JSON.stringify({ ...result, peakBytes: peakBytes() }));
