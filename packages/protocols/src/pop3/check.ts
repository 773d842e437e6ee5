import { openSpool, reasonOf, type Check } from '@lanceur/core';
import { sourceError } from './errors.js';
import { login, type Connection } from './login.js';
import { maildropOf } from './maildrop.js';
import type { Settings } from './options.js';
import { WireError } from './wire.js';

/** Logs in and looks what the mailbox and its server can do. Also when logins are paused: whoever asks has mended something. */
export async function check(settings: Settings): Promise<readonly Check[]> {
  return [await spoolCheck(settings), ...(await mailboxChecks(settings))];
}

async function spoolCheck({ spool }: Settings): Promise<Check> {
  const name = `spool ${spool} can be written`;
  try {
    const opened = await openSpool(spool);
    try {
      await (await opened.folder())[Symbol.asyncDispose]();
    } finally {
      await opened[Symbol.asyncDispose]();
    }
    return { name, result: 'ok' };
  } catch (error) {
    return failed(name, error);
  }
}

async function mailboxChecks(settings: Settings): Promise<readonly Check[]> {
  const { address, server, login: account } = settings;
  const place = { address, user: account.user, hide: account.hide };
  const entered = `${address} lets us in`;
  let connection: Connection;
  try {
    connection = await login(server, account, place);
  } catch (error) {
    return [failed(entered, error)];
  }
  try {
    const listed = `${address} can be listed by unique ids`;
    const checks: Check[] = [{ name: entered, result: 'ok' }];
    try {
      const { mails } = await maildropOf(connection.client, place);
      const shared = [...mails.values()].filter((copies) => copies.length > 1).length;
      checks.push(
        shared === 0
          ? { name: listed, result: 'ok' }
          : {
              name: listed,
              result: 'warning',
              message: `${String(shared)} unique ids are shared by several mails, which are left.`,
            },
      );
    } catch (error) {
      checks.push(failed(listed, sourceError(error, place)));
    }
    return [...checks, ...warningsOf(settings, connection)];
  } finally {
    await connection.client.QUIT().catch(() => undefined);
    connection.wire.destroy(new WireError('closed', 'it was only a check'));
  }
}

function warningsOf(
  { address, server }: Settings,
  { capabilities, pipelining }: Connection,
): readonly Check[] {
  const warnings: string[] = [];
  if (!pipelining) warnings.push('It has no PIPELINING: each mail costs the time of a round trip.');
  if (capabilities.size > 0 && !capabilities.has('TOP')) {
    warnings.push(
      'It has no TOP: mails have no names before they are opened, and one that is renumbered is sent again.',
    );
  }
  const expire = capabilities.get('EXPIRE');
  if (expire !== undefined && !/^never/iu.test(expire)) {
    warnings.push(`It deletes mails by itself (EXPIRE ${expire}): poll more often than that.`);
  }
  if (server.tls !== 'none' && server.tlsOptions.rejectUnauthorized === false) {
    warnings.push('Its certificate is not verified: anyone on the way can read the password.');
  }
  return warnings.map((message) => ({ name: address, result: 'warning', message }));
}

function failed(name: string, error: unknown): Check {
  const reason = reasonOf(error);
  return { name, result: 'failed', message: reason.message, reason };
}
