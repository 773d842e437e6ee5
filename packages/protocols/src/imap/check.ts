import { randomBytes } from 'node:crypto';
import { LanceurError, reasonOf, type Check } from '@lanceur/core';
import type { Connection } from './connection.js';
import { Refused, sourceFault } from './faults.js';
import { expectTarget, selectMailbox, targetPath } from './mailbox-name.js';
import { isSame, type Settings } from './options.js';

/** Tries on the real mailbox what a run needs, and leaves nothing behind. */
export async function check(settings: Settings, logIn: () => Promise<Connection>): Promise<readonly Check[]> {
  const { login, server, mailbox, quarantine, after } = settings;
  const checks: Check[] = [...exposures(settings)];
  const attempt = async <T>(name: string, tried: () => Promise<T>): Promise<T | undefined> => {
    try {
      const result = await tried();
      checks.push({ name, result: 'ok' });
      return result;
    } catch (error) {
      const why = reasonOf(LanceurError.is(error) ? error : sourceFault(settings, error));
      checks.push({ name, result: 'failed', message: why.message, reason: why });
      return undefined;
    }
  };

  const connection = await attempt(
    `${login.user} can log in to ${server.host}:${String(server.port)}`,
    logIn,
  );
  if (connection === undefined) return checks;
  try {
    const name = `the mailbox ${mailbox} can be read`;
    await attempt(name, () => selectMailbox(connection, settings, mailbox));
    if (checks.at(-1)?.result === 'failed') return checks;
    checks.push(...warnings(settings, connection));
    if (after.do === 'move') {
      await attempt(`accepted mail can go to ${after.to}`, () =>
        tryFolder(settings, connection, after.to, after.create),
      );
    }
    await attempt(`rejected mail can go to ${quarantine}`, () =>
      tryFolder(settings, connection, quarantine, true),
    );
    return checks;
  } finally {
    await connection.close();
  }
}

function exposures({ server, acceptsAnyCertificate }: Settings): readonly Check[] {
  if (server.tls === 'none' || !acceptsAnyCertificate) return [];
  const message =
    'The server’s certificate is not verified (acceptAnyCertificate): give its authority with `ca`.';
  return [{ name: 'the connection is safe', result: 'warning', message }];
}

/** What works, and is worth knowing. */
function warnings({ after, mailbox }: Settings, connection: Connection): readonly Check[] {
  const warning = (name: string, message: string): Check => ({ name, result: 'warning', message });
  const found: Check[] = [];
  const { readOnly, permanentFlags } = connection.mailbox;
  if (readOnly) {
    const message = `The account may only read ${mailbox}: rejected mail stays there, and so does accepted mail.`;
    found.push(warning('mail can be settled', message));
  }
  const canMoveOne = connection.has('MOVE') || connection.has('UIDPLUS');
  if (after.do === 'remove' && !connection.has('UIDPLUS')) {
    const message =
      'The server has no UIDPLUS: accepted mail is deleted only while nobody else has marked mail as deleted.';
    found.push(warning('accepted mail can be deleted', message));
  } else if (!canMoveOne) {
    const message =
      'The server has neither MOVE nor UIDPLUS: mail is moved only while nobody else has marked mail as deleted.';
    found.push(warning('mail can be moved', message));
  }
  if (after.do === 'remove' && connection.has('X-GM-EXT-1')) {
    const message =
      'Gmail archives what is deleted by IMAP unless its settings ("When a message is marked as deleted and expunged") say otherwise.';
    found.push(warning('accepted mail is deleted', message));
  }
  if (after.do === 'flag' && permanentFlags !== undefined && !permanentFlags.has('\\*')) {
    const refused = after.flags.filter((flag) => ![...permanentFlags].some((f) => isSame(f, flag)));
    if (refused.length > 0) {
      found.push(
        warning('accepted mail can be marked', `The mailbox takes no such flag: ${refused.join(', ')}.`),
      );
    }
  }
  return found;
}

async function tryFolder(
  settings: Settings,
  connection: Connection,
  folder: string,
  create: boolean,
): Promise<void> {
  if (!create) {
    await expectTarget(connection, settings, folder);
    return;
  }
  const { exists } = await targetPath(connection, folder);
  if (exists) return;
  // Another folder, at the top: mail could be put into the right one meanwhile, and its parents would stay.
  const trial = `${connection.prefix}Lanceur-check-${randomBytes(4).toString('hex')}`;
  await connection.run('CREATE', (client) => client.mailboxCreate(trial));
  try {
    await connection.run('UNSUBSCRIBE', (client) => client.mailboxUnsubscribe(trial));
  } catch (error) {
    // It may never have been subscribed to, and is to go all the same.
    if (!(error instanceof Refused)) throw error;
  }
  await connection.run('DELETE', (client) => client.mailboxDelete(trial));
}
