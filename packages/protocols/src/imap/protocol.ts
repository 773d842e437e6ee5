import type { ImapRow, Protocol } from '@lanceur/core/scenario';
import { mailboxOf } from '../mail/row.js';
import { flag, keep, moveTo, remove, seen, type After } from './after.js';
import { imap } from './imap.js';

/** EzGED's protocol "IMAP", for `createLauncher`. */
export const imapProtocol: Protocol<'imap'> = {
  name: 'imap',
  blocks(row, context) {
    const { origin, after, quarantine } = row;
    return {
      listener: imap({
        ...mailboxOf(row, context),
        ...(origin !== undefined && { mailbox: origin }),
        ...(after !== undefined && { after: afterOf(after) }),
        ...(quarantine !== undefined && { quarantine }),
        ...(context.clock && { clock: context.clock }),
      }),
    };
  },
};

function afterOf(after: NonNullable<ImapRow['after']>): After {
  if (after === 'remove') return remove();
  if (after === 'keep') return keep();
  if (after === 'seen') return seen();
  return 'flag' in after ? flag(after.flag) : moveTo(after.moveTo);
}
