import type { Check } from '../contracts/check.js';
import { reasonOf } from '../errors.js';
import { refuseOverlaps, realFolders } from './overlap.js';
import type { Settings } from './options.js';
import type { UsedFolder } from '../contracts/listener.js';

/** Has every block try its real surroundings, and adds what can only be seen when they stand together. */
export async function examine(settings: Settings, folders: readonly UsedFolder[]): Promise<readonly Check[]> {
  const { listener, submitter, ledger } = settings;
  const checks = [
    ...(await attempt('ledger', async () => (await ledger.check?.()) ?? [])),
    ...(await attempt(
      `source ${listener.address}`,
      async () => (await listener.check?.()) ?? untried('source'),
    )),
    ...(await attempt('target', async () => (await submitter.check?.()) ?? untried('target'))),
    ...(await attempt('folders do not overlap', async () => {
      refuseOverlaps(await realFolders(folders));
      return [{ name: 'folders do not overlap', result: 'ok' }];
    })),
  ];
  return [...checks, ...advice(settings)];
}

function untried(name: string): readonly Check[] {
  return [{ name, result: 'warning', message: `The ${name} was not tried: its block has no \`check\`.` }];
}

/** A check that throws has failed, and keeps the others from nothing. */
async function attempt(name: string, check: () => Promise<readonly Check[]>): Promise<readonly Check[]> {
  try {
    return await check();
  } catch (error) {
    const why = reasonOf(error);
    return [{ name, result: 'failed', message: why.message, reason: why }];
  }
}

function advice(settings: Settings): readonly Check[] {
  const { filter, submitter, inDoubt, grouper, listener } = settings;
  const warnings: string[] = [...(filter.advice ?? [])];
  if (filter.fingerprint === undefined || grouper.fingerprint === undefined) {
    warnings.push(
      'The filter or the grouper has no fingerprint: items that nothing wants are looked into again after each restart.',
    );
  }
  if (!submitter.traits.find) {
    warnings.push(
      inDoubt === 'resubmit'
        ? 'The submitter cannot tell what became of an attempt that was cut short: after a crash a document may arrive twice (inDoubt: "resubmit").'
        : 'The submitter cannot tell what became of an attempt that was cut short: after a crash such items are rejected, for a person to look (inDoubt: "reject").',
    );
  }
  if (listener.traits.keeps) return warnings.map(warning);
  if (settings.unwanted === 'accept') {
    warnings.push(
      'Items in which nothing is wanted are accepted, and the source does not keep them: they are deleted unread (unwanted: "accept").',
    );
  }
  if (settings.discardUnwanted) {
    warnings.push(
      'Documents that nothing wants are lost when the rest of their item is accepted (discardUnwanted: true).',
    );
  }
  return warnings.map(warning);
}

function warning(message: string): Check {
  return { name: 'settings', result: 'warning', message };
}
