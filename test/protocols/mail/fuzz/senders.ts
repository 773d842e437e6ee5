import type { Draw } from './draw.js';
import { linesContent } from './content.js';
import {
  attachment,
  forPrograms,
  mailFields,
  message,
  multipart,
  picture,
  report,
  text,
  winmail,
} from './parts.js';
import type { Leaf, Message, Node } from './structure.js';

type Sender = (random: Draw) => Node;

const several = (random: Draw, least: number, make: () => Node): Node[] =>
  Array.from({ length: least + random.int(3) }, make);
const both = (random: Draw): Node =>
  multipart(random, 'alternative', [text(random), text(random, 'text/html')]);

/** How the programs build their mails whose mails come to a town hall. */
const SENDERS: Readonly<Record<string, Sender>> = {
  scanner: (random) =>
    random.chance(0.5)
      ? attachment(random, { named: random.pick(['type', 'nowhere']) })
      : multipart(random, 'mixed', [
          ...(random.chance(0.5) ? [text(random)] : []),
          ...several(random, 1, () =>
            attachment(random, { named: random.pick(['type', 'both', 'nowhere']) }),
          ),
        ]),
  outlook: (random) =>
    multipart(random, 'mixed', [
      multipart(random, 'related', [both(random), ...several(random, 0, () => picture(random))], {
        parameters: ['type="multipart/alternative"'],
      }),
      ...several(random, 0, () => attachment(random)),
    ]),
  exchange: (random) =>
    multipart(random, 'mixed', [
      random.pick([text, both])(random),
      ...(random.chance(0.5) ? [winmail(random)] : []),
      ...several(random, 0, () => attachment(random)),
      ...(random.chance(0.5) ? [forwarded(random)] : []),
    ]),
  thunderbird: (random) =>
    multipart(random, 'mixed', [
      text(random),
      ...several(random, 1, () => attachment(random, { named: 'both' })),
    ]),
  'apple mail': (random) =>
    multipart(random, 'alternative', [
      text(random),
      multipart(random, 'mixed', [
        text(random, 'text/html'),
        ...several(random, 1, () => attachment(random, { disposition: 'inline', named: 'both' })),
        text(random, 'text/html'),
      ]),
    ]),
  'apple mail, two forks': (random) =>
    multipart(random, 'mixed', [
      text(random),
      multipart(random, 'appledouble', [
        forPrograms(random, 'application/applefile', 'a.pdf'),
        attachment(random, { named: 'both' }),
      ]),
    ]),
  gmail: (random) =>
    multipart(random, 'mixed', [
      both(random),
      ...several(random, 1, () =>
        attachment(random, { named: 'both', fields: ['X-Attachment-Id: f_1', 'Content-ID: <f_1>'] }),
      ),
    ]),
  notes: (random) =>
    multipart(random, random.pick(['mixed', 'related']), [
      random.pick([both, text])(random),
      ...several(random, 1, () => attachment(random, { disposition: 'attachment' })),
    ]),
  phpmailer: (random) => {
    // One boundary begins like the other.
    const inner = { boundary: `bb-1${random.pick(['-2', '0', '-', ' x', '='])}` };
    const alternative = multipart(random, 'alternative', [text(random), text(random, 'text/html')], inner);
    const files = several(random, 1, () => attachment(random, { named: 'both' }));
    return multipart(random, 'mixed', [alternative, ...files], { boundary: 'bb-1' });
  },
  unix: (random) =>
    multipart(random, 'mixed', [
      text(random),
      attachment(random, { content: linesContent(random), ways: ['uuencode'], named: 'both' }),
    ]),
  'return of a PES': (random) =>
    multipart(random, 'mixed', [
      text(random),
      attachment(random, { content: linesContent(random), named: 'both', disposition: 'attachment' }),
    ]),
  'signed by S/MIME': (random) =>
    multipart(
      random,
      'signed',
      [signed(random), forPrograms(random, 'application/pkcs7-signature', 'smime.p7s')],
      { parameters: ['protocol="application/pkcs7-signature"', 'micalg=sha-256'] },
    ),
  'signed by PGP': (random) =>
    multipart(
      random,
      'signed',
      [signed(random), forPrograms(random, 'application/pgp-signature', 'signature.asc')],
      { parameters: ['protocol="application/pgp-signature"'] },
    ),
  sealed: (random) =>
    attachment(random, {
      type: 'application/pkcs7-mime',
      name: 'smime.p7m',
      ways: ['base64'],
      named: 'both',
    }),
  'encrypted by PGP': (random) =>
    multipart(random, 'encrypted', [
      forPrograms(random, 'application/pgp-encrypted', 'version.txt'),
      attachment(random, { type: 'application/octet-stream', name: 'encrypted.asc' }),
    ]),
  invitation: (random) =>
    multipart(random, 'mixed', [
      multipart(random, 'alternative', [text(random), text(random, 'text/html'), calendar()]),
      ...several(random, 0, () => attachment(random, { type: 'application/ics', name: 'invite.ics' })),
    ]),
  bounce: (random) =>
    multipart(
      random,
      'report',
      [
        text(random),
        report(
          'message/delivery-status',
          'Reporting-MTA: dns; example.org\n\nFinal-Recipient: rfc822; a@example.org\nStatus: 5.1.1\n',
        ),
        random.chance(0.5)
          ? forwarded(random)
          : report('text/rfc822-headers', 'Subject: perdu\nFrom: a@example.org\n'),
      ],
      { parameters: ['report-type=delivery-status'] },
    ),
  receipt: (random) =>
    multipart(
      random,
      'report',
      [
        text(random),
        report(
          'message/disposition-notification',
          'Disposition: automatic-action/MDN-sent-automatically; displayed\n',
        ),
      ],
      { parameters: ['report-type=disposition-notification'] },
    ),
  list: (random) =>
    multipart(random, 'mixed', [
      multipart(random, 'mixed', [text(random), ...several(random, 0, () => attachment(random))]),
      text(random),
    ]),
  digest: (random) =>
    multipart(random, 'mixed', [
      text(random),
      multipart(
        random,
        'digest',
        several(random, 1, () => ({ ...message(random, text(random)), header: [] })),
      ),
      text(random),
    ]),
  'related in mixed in alternative': (random) =>
    multipart(random, 'alternative', [
      text(random),
      multipart(random, 'mixed', [
        multipart(random, 'related', [
          text(random, 'text/html'),
          ...several(random, 1, () => picture(random)),
        ]),
        ...several(random, 0, () => attachment(random)),
      ]),
    ]),
  'never closed': (random) => {
    const inner = {
      ...multipart(random, 'mixed', [text(random), attachment(random)]),
      isClosed: random.chance(0.5),
      epilogue: '',
    };
    const last = attachment(random, { ways: ['base64'] });
    return { ...multipart(random, 'mixed', [inner, last]), isClosed: false, epilogue: '\n' };
  },
  many: (random) =>
    multipart(
      random,
      'mixed',
      Array.from({ length: 60 }, () => attachment(random)),
    ),
  deep: (random) => {
    let node: Node = attachment(random);
    for (let depth = 0; depth < 15; depth++)
      node = multipart(random, random.pick(['mixed', 'related', 'alternative']), [text(random), node]);
    return node;
  },
  'attached texts': (random) =>
    multipart(random, 'mixed', [
      text(random),
      ...several(random, 1, () =>
        attachment(random, {
          content: linesContent(random),
          disposition: 'attachment',
          named: random.pick(['nowhere', 'both']),
        }),
      ),
    ]),
  'text alone': (random) => text(random, random.pick(['text/plain', 'text/html'])),
  'no parts but one': (random) => multipart(random, 'mixed', [attachment(random)]),
};

function signed(random: Draw): Node {
  return multipart(random, 'mixed', [text(random), ...several(random, 1, () => attachment(random))]);
}

function forwarded(random: Draw): Message {
  const named = random.chance(0.3) ? { name: 'relance.eml' } : {};
  return message(random, random.pick([text, signed, nested])(random), named);
}

function nested(random: Draw): Node {
  return multipart(random, 'mixed', [
    text(random),
    random.chance(0.5) ? forwarded(random) : attachment(random),
  ]);
}

function calendar(): Leaf {
  const body = 'BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR';
  const content = Buffer.from(body.replaceAll('\n', '\r\n'));
  return {
    is: 'leaf',
    header: ['Content-Type: text/calendar; method=REQUEST; charset=UTF-8'],
    body,
    role: 'body',
    documents: [{ extension: 'ics', content }],
  };
}

/** A mail, and which program writes such ones. */
export function drawMail(random: Draw): { readonly sender: string; readonly mail: Message } {
  const sender = random.pick(Object.keys(SENDERS));
  const content = SENDERS[sender]!(random);
  return { sender, mail: { is: 'message', header: [], ...mailFields(random), content: ended(content) } };
}

/** A mail that is no multipart ends in a line end: POP3 would add one. */
function ended(content: Node): Node {
  if (content.is !== 'leaf' || content.body.endsWith('\n')) return content;
  const isEncoded = content.header.some((line) =>
    /^content-transfer-encoding\s*:\s*"?(?:base64|x?-?u)/iu.test(line),
  );
  if (isEncoded) return { ...content, body: `${content.body}\n` };
  const isQuoted = /^content-transfer-encoding\s*:\s*quoted/imu.test(content.header.join('\n'));
  const soft = isQuoted && content.body.endsWith('=');
  const documents = soft
    ? content.documents
    : content.documents.map((each) => ({
        ...each,
        content: Buffer.concat([each.content, Buffer.from('\r\n')]),
      }));
  return { ...content, body: `${content.body}\n`, documents };
}
