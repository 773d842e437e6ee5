import { imap, type ImapOptions } from '@lanceur/protocols/imap';
import type { Listener } from '@lanceur/core';
import { expect } from 'vitest';
import type { ScriptedImap, ScriptedMail } from '../../servers/scripted-imap.js';

/** What is attached to each, by its subject. */
const CONTENT = new Map(['a', 'b', 'c'].map((name, i) => [name, Buffer.alloc(1000 + i, name)]));
export const MAILS: readonly ScriptedMail[] = [...CONTENT].map(([name, content], i) => ({
  uid: i + 1,
  subject: name,
  attachments: [{ name: `${name}.pdf`, content }],
}));

/** On a scripted server. */
export function listenerAt(port: number, options: Partial<ImapOptions> = {}): Listener {
  const access = { host: '127.0.0.1', port, tls: 'none', user: 'jean', password: 'secret' } as const;
  return imap({ ...access, timeoutMs: 5000, ...options });
}

/** Nothing is lost, whatever happened: each mail is where it was, or where it was to go. */
export function expectAllThere({ folders }: ScriptedImap): void {
  const subjects = [...folders.values()].flat().map((mail) => mail.subject);
  for (const name of CONTENT.keys()) expect(subjects).toContain(name);
}

export function expectWhole(delivered: ReadonlyMap<string, readonly Buffer[]>): void {
  for (const [name, documents] of delivered) {
    expect(documents.map((each) => each.toString())).toEqual([CONTENT.get(name)!.toString()]);
  }
}
