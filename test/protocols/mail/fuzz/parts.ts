import type { Draw } from './draw.js';
import { tnefOf } from '../tnef-writer.js';
import { encoded, fileContent, textContent, type Content, type Way } from './content.js';
import { encodedWords, fileName, spelled } from './names.js';
import { field, type Leaf, type Message, type Multipart, type Node, type Role } from './structure.js';

/** The text of a mail. */
export function text(random: Draw, type: 'text/plain' | 'text/html' = 'text/plain'): Leaf {
  const content = textContent(random, type);
  const charset = random.pick([
    ['charset=utf-8'],
    ['charset="iso-8859-1"', 'format=flowed'],
    ['charset=us-ascii'],
    ['charset=windows-1252', 'delsp=yes'],
    ['charset="x-nobody"'],
    [],
  ]);
  const { encoding, body } = encoded(random, content);
  // By IMAP the encoding of a text is what the server reads of it.
  const plainly = encoding?.replace(/[; ].*$|"/gu, '');
  const spelt = odd(random, type);
  const isBare = type === 'text/plain' && charset.length === 0 && encoding === undefined;
  const header = [
    ...(isBare ? [] : [field(random, 'Content-Type', spelt, charset)]),
    ...(plainly === undefined ? [] : [`Content-Transfer-Encoding: ${plainly}`]),
    ...(random.chance(0.1) ? [field(random, 'Content-Disposition', 'inline')] : []),
  ];
  return { is: 'leaf', header: shuffled(random, header), body, role: 'body', documents: [document(content)] };
}

export interface AttachmentOptions {
  readonly content?: Content;
  readonly disposition?: 'attachment' | 'inline';
  readonly type?: string;
  readonly role?: Role;
  /** Where it is given. Default: in one of these, by chance. */
  readonly named?: 'type' | 'disposition' | 'both' | 'nowhere';
  readonly ways?: readonly Way[];
  readonly fields?: readonly string[];
  /** Default: any. */
  readonly name?: string;
}

/** A file that a mail brings along. */
export function attachment(random: Draw, options: AttachmentOptions = {}): Leaf {
  const content = options.content ?? fileContent(random);
  const named = options.named ?? random.pick(['type', 'disposition', 'disposition', 'both', 'both']);
  const name = options.name ?? fileName(random, content.extension);
  const inType = named === 'type' || named === 'both' ? spelled(random, 'name', name) : [];
  const inDisposition = named === 'disposition' || named === 'both' ? spelled(random, 'filename', name) : [];
  const type = options.type ?? (random.chance(0.15) ? 'application/octet-stream' : content.type);
  const disposition = options.disposition ?? 'attachment';
  const mayLack = inType.length > 0 && inDisposition.length === 0 && options.disposition === undefined;
  const { encoding, body } = encoded(random, content, options.ways);
  const header = [
    field(random, 'Content-Type', odd(random, type), inType),
    ...encodingField(random, encoding),
    ...(mayLack && random.chance(0.5)
      ? []
      : [
          field(random, 'Content-Disposition', odd(random, disposition), [
            ...sizes(random, content),
            ...inDisposition,
            ...(inDisposition.length === 0 && named === 'type' && !random.isPlain && random.chance(0.2)
              ? ['filename=""']
              : []),
          ]),
        ]),
    ...(options.fields ?? []),
  ];
  return {
    is: 'leaf',
    header: twice(random, shuffled(random, header)),
    body,
    role: options.role ?? 'attachment',
    documents: [
      {
        ...document({ ...content, extension: extensionOf(type, content) }),
        ...(named !== 'nowhere' && { name }),
      },
    ],
  };
}

/** With a field that stands there twice, the first of which counts. */
function twice(random: Draw, header: readonly string[]): readonly string[] {
  if (random.isPlain || random.chance(0.9)) return header;
  const second = random.pick([
    'Content-Type: text/plain; name="no.txt"',
    'Content-Disposition: attachment; filename="no.txt"',
    'Content-Transfer-Encoding: 7bit',
  ]);
  const name = second.slice(0, second.indexOf(':')).toLowerCase();
  // Of two dispositions, Dovecot takes what the first does not say from the second.
  const first = header.find((line) => line.toLowerCase().startsWith(name));
  return first?.includes('name') === second.includes('name') ? [...header, second] : header;
}

function odd(random: Draw, word: string): string {
  return random.isPlain || random.chance(0.8)
    ? word
    : random.pick([word.toUpperCase(), `${word} (as sent)`, `${word} `]);
}

function extensionOf(type: string, content: Content): string {
  return type === 'application/octet-stream' ? 'bin' : content.extension;
}

function sizes(random: Draw, { bytes }: Content): readonly string[] {
  if (random.chance(0.8)) return [];
  return [`size=${String(bytes.length)}`, 'creation-date="Tue, 24 Nov 2026 07:00:00 GMT"'];
}

/** A picture that the text shows. */
export function picture(random: Draw): Leaf {
  const content: Content = {
    extension: 'png',
    type: 'image/png',
    bytes: random.bytes(random.int(200)),
    isLines: false,
  };
  const n = String(random.int(1000));
  return attachment(random, {
    content,
    type: 'image/png',
    disposition: 'inline',
    role: 'inline',
    name: `image${n}.png`,
    fields: [field(random, 'Content-ID', `<image${n}.png@01D>`)],
  });
}

/** What Outlook packs attachments into, if it may. */
export function winmail(random: Draw): Leaf {
  const files = Array.from({ length: random.int(4) }, (_, i) => ({
    longName: `dans winmail ${String(i)}.pdf`,
    content: random.bytes(random.int(300)),
  }));
  const bytes = tnefOf(files);
  const content: Content = { extension: 'dat', type: 'application/ms-tnef', bytes, isLines: false };
  const leaf = attachment(random, {
    content,
    type: 'application/ms-tnef',
    name: 'winmail.dat',
    ways: ['base64'],
  });
  return {
    ...leaf,
    isPacked: true,
    documents: files.map((f) => ({ name: f.longName, extension: 'pdf', content: f.content })),
  };
}

/** What is in a mail for programs alone. */
export function forPrograms(random: Draw, type: string, name: string): Leaf {
  const content: Content = { extension: '', type, bytes: random.bytes(40), isLines: false };
  return attachment(random, { content, type, name, role: 'programs', ways: ['base64'] });
}

/** A part of a bounce or a receipt that says to programs what happened. */
export function report(type: string, body: string): Leaf {
  const content = Buffer.from(body.replaceAll('\n', '\r\n'), 'latin1');
  return {
    is: 'leaf',
    header: [`Content-Type: ${type}`],
    body,
    role: 'body',
    documents: [{ extension: type.startsWith('text/') ? 'txt' : 'bin', content }],
  };
}

export function multipart(
  random: Draw,
  subtype: string,
  parts: readonly Node[],
  {
    parameters = [],
    boundary = boundaryOf(random),
  }: { readonly parameters?: readonly string[]; readonly boundary?: string } = {},
): Multipart {
  const quoted =
    random.chance(0.8) || !/^[\w.-]+$/u.test(boundary) ? `boundary="${boundary}"` : `boundary=${boundary}`;
  const type = `multipart/${subtype}`;
  const inPieces = !random.isPlain && random.chance(0.05) && !boundary.includes('"');
  return {
    is: 'multipart',
    header: [
      field(
        random,
        'Content-Type',
        odd(random, type),
        random.shuffled([
          ...(inPieces
            ? [`boundary*0="${boundary.slice(0, 3)}"`, `boundary*1="${boundary.slice(3)}"`]
            : [quoted]),
          ...parameters,
        ]),
      ),
      ...(random.chance(0.15)
        ? [field(random, 'Content-Transfer-Encoding', random.pick(['7bit', '8bit']))]
        : []),
    ],
    boundary,
    parts,
    preamble: random.chance(0.3)
      ? random.pick(['This is a multi-part message in MIME format.\n', '\n', '\n\n', '--\n'])
      : '',
    epilogue: random.chance(0.2)
      ? random.pick([
          '\n',
          '\nEnvoye de mon poste\n',
          ...(boundary.startsWith('bb') ? [] : [`--${boundary}\nnothing\n`]),
        ])
      : '',
    isClosed: true,
    blanks: !random.isPlain && random.chance(0.1) ? random.pick([' ', '\t ', '  ']) : '',
  };
}

function boundaryOf(random: Draw): string {
  const digits = String(100_000 + random.int(900_000));
  return random.pick([
    `----=_NextPart_000_0001_01D8${digits}`,
    `_004_${digits}PR0P264MB0001_`,
    `------------${digits}ABCDEF`,
    `Apple-Mail=_${digits}-1`,
    `000000000000${digits}`,
    `=_alternative 0050${digits}`,
    `b1_${digits}`,
    `=_(${digits})+?/:'=`,
    `--${digits}`,
    `${digits}--`,
    `b${digits}`,
  ]);
}

export function message(
  random: Draw,
  content: Node,
  options: { readonly name?: string; readonly subject?: string } = {},
): Message {
  const { name } = options;
  const encoding = random.pick([undefined, undefined, '7bit', '8bit', '7BIT']);
  return {
    is: 'message',
    header: shuffled(random, [
      field(
        random,
        'Content-Type',
        'message/rfc822',
        name === undefined ? [] : spelled(random, 'name', name),
      ),
      ...encodingField(random, encoding),
      ...(random.chance(0.5)
        ? [
            field(
              random,
              'Content-Disposition',
              'attachment',
              name === undefined ? [] : spelled(random, 'filename', name),
            ),
          ]
        : []),
    ]),
    ...(name !== undefined && { name }),
    ...mailFields(random, options.subject),
    content,
  };
}

const SUBJECTS = [
  'Facture 12',
  'Délibération n° 3',
  'relance',
  'Re: été',
  'devis / prix',
  '发票',
  'Ça coûte 12 €',
  'a "b" c',
  undefined,
  '',
];

/** The header of a mail. */
export function mailFields(
  random: Draw,
  given?: string,
): { readonly subject: string | undefined; readonly fields: readonly string[] } {
  const subject = given ?? random.pick(SUBJECTS);
  const isAscii = /^[ -~]*$/u.test(subject ?? '');
  const written =
    subject === undefined || (isAscii && random.chance(0.8))
      ? subject
      : !random.isPlain && random.chance(0.2)
        ? Buffer.from(subject).toString('latin1')
        : encodedWords(random, subject);
  const fields = [
    'From: "Dupont, Marie" <marie@example.org>',
    'To: factures@example.org',
    'Date: Tue, 24 Nov 2026 08:00:00 +0100',
    `Message-ID: <${String(random.int(1e9))}@example.org>`,
    ...(random.chance(0.85) ? ['MIME-Version: 1.0'] : []),
    ...(written === undefined ? [] : [`Subject: ${written}`]),
    ...(random.chance(0.2) ? ['X-Mailer: something (odd; "x"=y)', 'Thread-Topic: =?utf-8?Q?a'] : []),
    ...(random.chance(0.05) ? [`References: ${'<a@b.example>\n '.repeat(2000)}<c@d.example>`] : []),
    ...(random.chance(0.1) ? ['Received: from a by b;\n Tue, 24 Nov 2026 08:00:00 +0100'] : []),
  ];
  return { subject, fields: shuffled(random, fields) };
}

function encodingField(random: Draw, encoding: string | undefined): readonly string[] {
  return encoding === undefined ? [] : [field(random, 'Content-Transfer-Encoding', encoding)];
}

function document({ extension, bytes }: Content): { readonly extension: string; readonly content: Buffer } {
  return { extension, content: bytes };
}

function shuffled(random: Draw, fields: readonly string[]): readonly string[] {
  return random.chance(0.2) ? random.shuffled(fields) : fields;
}
