import { EventEmitter, once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { openSpool } from '@lanceur/core';
import { expect, onTestFinished, test } from 'vitest';
import {
  HoldingRoom,
  type Held,
  type HoldingWriter,
  type Shelf,
} from '../../../packages/protocols/dist/mail/holding.js';

const MB = 1024 * 1024;

/** A writer whose last piece has made who brings it wait for the disk. */
async function waiting(): Promise<{ writer: HoldingWriter; shelf: Shelf; pauses: () => number }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lanceur-holding-'));
  const spool = await openSpool(folder);
  onTestFinished(async () => {
    await spool[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  let pauses = 0;
  const events = new EventEmitter();
  const isOpen = once(events, 'resume');
  const giver = {
    pause: () => pauses++,
    resume: () => {
      pauses--;
      events.emit('resume');
    },
  };
  const shelf = new HoldingRoom(() => Promise.resolve(spool)).shelf(giver);
  const writer = shelf.writer();
  writer.write(Buffer.alloc(2 * MB));
  await isOpen;
  writer.write(Buffer.from('the last'));
  expect(pauses).toBe(1);
  return { writer, shelf, pauses: () => pauses };
}

test('a document that ends while the disk is behind lets the next one come', async () => {
  const { writer, shelf, pauses } = await waiting();
  expect((await writer.end()).size).toBe(2 * MB + 8);
  expect(pauses()).toBe(0);
  await shelf.close();
});

test('a document that is given up while the disk is behind lets the next one come', async () => {
  const { shelf, pauses } = await waiting();
  await shelf.close();
  expect(pauses()).toBe(0);
});

/** A document in the spool of a session that has ended. */
async function heldBeyond(): Promise<{ document: Held; shelf: Shelf; folder: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lanceur-holding-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const room = new HoldingRoom(() => openSpool(folder));
  const shelf = room.shelf({ pause: () => undefined, resume: () => undefined });
  const writer = shelf.writer();
  writer.write(Buffer.alloc(2 * MB, 'x'));
  const document = await writer.end();
  await room.leave();
  return { document, shelf, folder };
}

test('a document is readable until its delivery is disposed of, also when the session has ended, and nothing stays behind it', async () => {
  const { document, shelf, folder } = await heldBeyond();
  expect((await buffer(document.open())).length).toBe(2 * MB);
  await shelf.close();
  expect(await readdir(folder)).toEqual([]);
});

test('a document that has vanished from the spool is the fault of the spool', async () => {
  const { document, shelf, folder } = await heldBeyond();
  await rm(folder, { recursive: true });
  await expect(buffer(document.open())).rejects.toMatchObject({ code: 'SPOOL_FAILED', scope: 'system' });
  await shelf.close();
});
