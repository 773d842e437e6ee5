// npm run bench -- mail [--mails 2000] [--big 20] [--kept 20000] [--rounds 3]
//
// What it costs to fetch a mailbox, beside the programs that people use for it. Needs Dovecot; a contender that is not
// installed is left out.
import { parseArgs } from 'node:util';
import { DOVECOT } from '../servers/dovecot.js';
import { pathOf } from '../support/needs.js';
import { benchImap } from './mail/imap.js';
import { benchKept } from './mail/kept.js';
import { benchPop3 } from './mail/pop3.js';

const { values } = parseArgs({
  options: {
    mails: { type: 'string', default: '2000' },
    big: { type: 'string', default: '20' },
    kept: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '3' },
  },
});

if (pathOf(DOVECOT.program) === undefined) {
  console.log(`This bench needs a mail server: ${DOVECOT.install}`);
} else {
  const options = {
    mails: Number(values.mails),
    big: Number(values.big),
    rounds: Number(values.rounds),
  };
  await benchImap(options);
  await benchPop3(options);
  if (Number(values.kept) > 0) await benchKept(Number(values.kept));
}
