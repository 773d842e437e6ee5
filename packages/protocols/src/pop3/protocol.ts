import { LanceurError } from '@lanceur/core';
import type { Protocol } from '@lanceur/core/scenario';
import { mailboxOf } from '../mail/row.js';
import { pop3 } from './pop3.js';

/** EzGED's protocol "POP", for `createLauncher`. */
export const popProtocol: Protocol<'pop'> = {
  name: 'pop',
  blocks(row, context) {
    const { spool, clock } = context;
    if (spool === undefined) {
      throw new LanceurError('INVALID_OPTION', {
        option: 'spool',
        expected: 'a private folder on a local disk, which POP needs',
        found: 'nothing',
      });
    }
    return {
      listener: pop3({
        ...mailboxOf(row, context),
        spool,
        ...(row.after !== undefined && { after: row.after === 'remove' ? 'delete' : 'keep' }),
        ...(clock && { clock }),
      }),
    };
  },
};
