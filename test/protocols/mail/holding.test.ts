import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openSpool } from '@lanceur/core';
import { expect, onTestFinished, test } from 'vitest';
import {
  HoldingRoom,
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
