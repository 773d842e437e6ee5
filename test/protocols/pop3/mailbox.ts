import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Delivery, ItemRef, Listener, Session } from '@lanceur/core';
import { contentOf } from '@lanceur/core/testing';
import { pop3, type Pop3Options } from '@lanceur/protocols/pop3';
import { onTestFinished } from 'vitest';
import { startScriptedPop3, type ScriptedOptions, type ScriptedPop3 } from '../../servers/scripted-pop3.js';

export interface Mailbox {
  readonly server: ScriptedPop3;
  /** A spool that is gone with the test. */
  readonly folder: string;
  listener(options?: Partial<Pop3Options>): Listener;
}

/** A scripted server for one test. */
export async function mailbox(server: ScriptedOptions = {}): Promise<Mailbox> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lanceur-pop3-'));
  const scripted = await startScriptedPop3(server);
  onTestFinished(async () => {
    await scripted.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    server: scripted,
    folder,
    listener: (options = {}) =>
      pop3({
        host: '127.0.0.1',
        port: scripted.port,
        tls: 'none',
        user: 'jean',
        ...(options.accessToken === undefined && { password: 'secret' }),
        spool: path.join(folder, 'spool'),
        ...options,
      }),
  };
}

export async function withSession<T>(listener: Listener, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await listener.connect();
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}

export async function refs(session: Session): Promise<readonly ItemRef[]> {
  const found: ItemRef[] = [];
  for await (const ref of session.list()) found.push(ref);
  return found;
}

export const list = (listener: Listener): Promise<readonly ItemRef[]> => withSession(listener, refs);

/** `name: content` of each document. */
export async function texts(delivery: Delivery): Promise<readonly string[]> {
  const found: string[] = [];
  for (const document of delivery.documents) {
    found.push(`${document.name}: ${(await contentOf(document)).toString('latin1')}`);
  }
  await delivery[Symbol.asyncDispose]();
  return found;
}

/** Opens every mail in turn. */
export async function readAll(listener: Listener): Promise<readonly (readonly string[])[]> {
  return await withSession(listener, async (session) => {
    const found: (readonly string[])[] = [];
    for (const ref of await refs(session)) found.push(await texts(await session.open(ref)));
    return found;
  });
}
