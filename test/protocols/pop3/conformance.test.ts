import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { listenerSuite, type ListenerBench } from '@lanceur/core/testing';
import { pop3, type Pop3Options } from '@lanceur/protocols/pop3';
import { describe, test } from 'vitest';
import { startScriptedPop3, type ScriptedOptions } from '../../servers/scripted-pop3.js';
import { mailWith, type Attachment } from './mails.js';

/** A mailbox on a scripted server, and a listener on it. */
async function bench(server: ScriptedOptions, options: Partial<Pop3Options>): Promise<ListenerBench> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lanceur-pop3-'));
  const scripted = await startScriptedPop3(server);
  const listener = () =>
    pop3({
      host: '127.0.0.1',
      port: scripted.port,
      tls: 'none',
      user: 'jean',
      password: 'secret',
      spool: path.join(folder, 'spool'),
      ...options,
    });
  const contents = new Map<string, Uint8Array>();
  const uidls = new Map<string, string>();
  const put = (name: string, attachments: readonly Attachment[]): Promise<void> => {
    const uidl = `u${String(uidls.size + 1)}`;
    uidls.set(name, uidl);
    scripted.mails = [...scripted.mails, { uidl, content: mailWith(name, attachments) }];
    return Promise.resolve();
  };
  return {
    listener: listener(),
    again: () => Promise.resolve(listener()),
    put(name, content) {
      contents.set(name, content);
      return put(name, [{ name, content }]);
    },
    putSeveral: put,
    remove(name) {
      scripted.mails = scripted.mails.filter(({ uidl }) => uidl !== uidls.get(name));
      return Promise.resolve();
    },
    read: (name) =>
      Promise.resolve(
        scripted.mails.some(({ uidl }) => uidl === uidls.get(name)) ? contents.get(name) : undefined,
      ),
    async dispose() {
      await scripted.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const servers: readonly (readonly [string, ScriptedOptions, Partial<Pop3Options>])[] = [
  ['a server with pipelining', {}, {}],
  ['a server that knows RFC 1939 only', { capabilities: undefined }, {}],
  ['a server that cuts its answers into small pieces', { pieces: 1000 }, {}],
  ['a mailbox that is kept', {}, { after: 'keep' }],
];

describe.each(servers)('POP3, %s', (_, server, options) => {
  const suite = listenerSuite({
    create: () => bench(server, options),
    // A mail never changes and is never half there; POP3 has nowhere to put a rejected one.
    without: ['change', 'changeUnnoticed', 'putUnready', 'restore'],
  });
  for (const promise of suite) test(promise.name, promise.run);
});
