import { expect, test } from 'vitest';
import { attributesOf, dateOf } from '../../../packages/protocols/dist/mail/attributes.js';
import { decodeText } from '../../../packages/protocols/dist/mail/charset.js';
import { choiceOf, roleOf, type MailDocuments } from '../../../packages/protocols/dist/mail/choose.js';
import { HEADER_BYTES, parseHeaders } from '../../../packages/protocols/dist/mail/headers.js';
import { partFromFields, type Part } from '../../../packages/protocols/dist/mail/part.js';
import { markOf } from '../../../packages/protocols/dist/mail/same.js';

const part = (contentType?: string, disposition?: string, parent?: Part, contentId?: string): Part =>
  partFromFields({ contentType, disposition, contentId }, { path: '1', parent });
const within = (subtype: string, parent?: Part) =>
  part(`multipart/${subtype}; boundary=x`, undefined, parent);
const chosen = (p: Part, documents: MailDocuments = {}) => choiceOf(p, documents, 'Objet')?.name;

test('header fields are unfolded, with line ends of either kind, and what is no field is passed over', () => {
  const headers = parseHeaders(
    Buffer.from(
      'From sender Mon\nSubject: a\r\n\tb\nX-Empty:\r\nno field\r\n: nameless\r\nTo : c@d\n\nBody: x',
    ),
  );
  expect(headers.fields).toEqual([
    { name: 'subject', value: 'a\tb' },
    { name: 'x-empty', value: '' },
    { name: 'to', value: 'c@d' },
  ]);
  expect(headers.text('subject')).toBe('a b');
});

test('of a header of ten megabytes the first one is read', () => {
  const block = Buffer.concat([
    Buffer.from('Subject: a\r\n'),
    Buffer.alloc(10 * HEADER_BYTES, 'X-Y: z\r\n'),
    Buffer.from('To: b\r\n'),
  ]);
  const headers = parseHeaders(block);
  expect(headers.text('subject')).toBe('a');
  expect(headers.raw('to')).toBeUndefined();
});

test('a mail says who sent it, when, and what it is, as text', () => {
  const raw = [
    'Subject: =?utf-8?Q?Facture_n=C2=B0?= 12',
    'From: =?iso-8859-1?Q?H=E9l=E8ne?= <h@exemple.fr>',
    'To: mairie@exemple.fr',
    'Date: Tue, 24 Nov 2026 08:15:00 +0100 (CET)',
    'Message-ID: <1@exemple.fr>',
  ];
  expect(attributesOf(parseHeaders(Buffer.from(raw.join('\r\n'))))).toEqual({
    subject: 'Facture n° 12',
    from: 'Hélène <h@exemple.fr>',
    to: 'mairie@exemple.fr',
    date: '2026-11-24T07:15:00.000Z',
    messageId: '<1@exemple.fr>',
  });
});

test('what a mail does not say is left out, and a date that cannot be read stays as it came', () => {
  expect(attributesOf(parseHeaders(Buffer.from('Date: hier\r\nSubject:\r\n')))).toEqual({ date: 'hier' });
  expect(dateOf('hier')).toBeUndefined();
});

test.each([
  ['windows-1252', Buffer.from([0x80, 0x92, 0xe9]), '€’é'],
  ['iso-8859-15', Buffer.from([0xa4]), '€'],
  ['utf-8', Buffer.from([0xe9]), 'é'],
  ['koi8-r', Buffer.from([0xc1]), 'а'],
  ['utf-7', Buffer.from('+AOk-'), 'é'],
  ['cp850', Buffer.from([0x82]), 'é'],
  ['replacement', Buffer.from('a'), 'a'],
  ['\0', Buffer.from('é'), 'é'],
  [undefined, Buffer.from('é'), 'é'],
])('text in %s', (charset, bytes, text) => {
  expect(decodeText(bytes, charset)).toBe(text);
});

test.each<[string, Part, ReturnType<typeof roleOf>]>([
  ['a text without name is the body', part('text/plain'), 'body'],
  ['a mail that says nothing is a text', part(), 'body'],
  ['a mail that is a file, as scanners send them', part('application/pdf; name=a.pdf'), 'attachment'],
  ['a text with a name is a file', part('text/plain; name=a.txt', undefined, within('mixed')), 'attachment'],
  ['a text shown inline that has a name is a file', part('text/csv', 'inline; filename=a.csv'), 'attachment'],
  ['a text that is said to be attached', part('text/plain', 'attachment'), 'attachment'],
  ['the other form of a text', part('text/html; name=x.html', undefined, within('alternative')), 'body'],
  ['an invitation beside the text', part('text/calendar', undefined, within('alternative')), 'body'],
  ['a PDF that Apple Mail shows inline', part('application/pdf', 'inline; filename=a.pdf'), 'attachment'],
  [
    'a PDF among the images of a text',
    part('application/pdf; name=a.pdf', 'inline', within('related'), '<1>'),
    'attachment',
  ],
  ['a picture of the text', part('image/png; name=logo.png', 'inline', within('related'), '<1>'), 'inline'],
  [
    'a picture of the text without disposition',
    part('image/png', undefined, within('related'), '<1>'),
    'inline',
  ],
  [
    'a picture of the text that is said to be attached',
    part('image/png', 'attachment', within('related'), '<1>'),
    'attachment',
  ],
  [
    'a photo sent from a telephone',
    part('image/jpeg', 'inline; filename=a.jpg', within('mixed')),
    'attachment',
  ],
  ['an attached message', part('message/rfc822'), 'attachment'],
  ['a message of a digest, which needs no type', part(undefined, undefined, within('digest')), 'attachment'],
  [
    'the signature of a mail',
    part('application/pkcs7-signature', 'attachment; filename=smime.p7s', within('signed')),
    'signature',
  ],
  [
    'a signature that is a document',
    part('application/pkcs7-signature', 'attachment; filename=a.pdf.p7s', within('mixed')),
    'attachment',
  ],
  ['what a bounce says to programs', part('message/delivery-status', undefined, within('report')), 'body'],
  ['the mail that bounced', part('message/rfc822', undefined, within('report')), 'attachment'],
  ['a type that is none', part('pdf', 'attachment; filename=a.pdf'), 'attachment'],
  ['a type that is none, without name', part('application/pdf/x'), 'attachment'],
])('%s', (_, p, role) => {
  expect(roleOf(p)).toBe(role);
});

test('by default the attachments are documents, and nothing else', () => {
  expect(chosen(part('application/pdf; name=a.pdf'))).toBe('a.pdf');
  expect(chosen(part('message/rfc822'))).toBe('Objet.eml');
  expect(chosen(part('text/plain'))).toBeUndefined();
  expect(chosen(part('image/png', undefined, within('related')))).toBeUndefined();
  expect(chosen(part('application/pdf; name=a.pdf', undefined, part('message/rfc822')))).toBeUndefined();
  expect(chosen(part('application/pdf; name=a.pdf'), { attachments: false })).toBeUndefined();
});

test('the body, the pictures of the text and the attachments of attached messages are documents if asked for', () => {
  expect(chosen(part('text/html'), { body: true })).toBe('body.html');
  expect(
    choiceOf(part('image/png; name=a.png', undefined, within('related')), { inlineAbove: 5000 }),
  ).toEqual({
    name: 'a.png',
    above: 5000,
  });
  const inside = part('application/pdf; name=a.pdf', undefined, within('mixed', part('message/rfc822')));
  expect(chosen(inside, { attached: true })).toBe('a.pdf');
  expect(
    chosen(part('text/plain', undefined, part('message/rfc822')), { attached: true, body: true }),
  ).toBeUndefined();
});

test('a mail is known again by its own id, else by Message-ID, date and size together', () => {
  const mail = { messageId: '<1@a>', date: 'Tue, 24 Nov 2026 08:15:00 +0100', size: 1000 };
  expect(markOf(mail)).toBe(markOf({ ...mail }));
  expect(markOf({ ...mail, size: 1001 })).not.toBe(markOf(mail));
  expect(markOf({ ...mail, date: 'x' })).not.toBe(markOf(mail));
  expect(markOf({ emailId: 'M6d99', messageId: 'x' })).toBe('email:M6d99');
  expect(markOf({ date: mail.date, size: 1000 })).toBeUndefined();
});

test('a mark is short, whatever the mail says', () => {
  expect(markOf({ messageId: 'x'.repeat(1_000_000) })).toHaveLength(45);
  expect(markOf({ emailId: 'x y'.repeat(1_000_000) })?.length).toBeLessThan(64);
});
