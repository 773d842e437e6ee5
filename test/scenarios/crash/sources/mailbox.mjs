// @ts-check
// The launcher's half of a source that is a mailbox, by IMAP.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { flag, imap, moveTo, remove } from '@lanceur/protocols/imap';
import { relay } from './relay.mjs';

/** @type {import('../launcher.mjs').ListenerFor} */
export async function listenerFor({ base, setUp, clock, steps }) {
  /** @type {import('./mailbox.js').Account} */
  const account = JSON.parse(readFileSync(join(base, 'account.json'), 'utf8'));
  const after = { remove: remove(), move: moveTo('Traites'), flag: flag('\\Flagged') }[setUp.after];
  if (after === undefined) throw new Error(`a mail is not "${setUp.after}"`);
  return imap({
    host: '127.0.0.1',
    port: await relay(account.port, steps),
    tls: 'none',
    user: account.user,
    password: account.password,
    source: 'depots',
    after,
    clock,
  });
}
