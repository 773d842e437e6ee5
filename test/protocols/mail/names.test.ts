import { expect, test } from 'vitest';
import { safeName } from '@lanceur/core';
import { documentName, messageName } from '../../../packages/protocols/dist/mail/file-names.js';
import { parseParameters } from '../../../packages/protocols/dist/mail/parameters.js';
import { partFromFields } from '../../../packages/protocols/dist/mail/part.js';
import { decodeWords } from '../../../packages/protocols/dist/mail/words.js';

/** As a header comes from the wire: one character a byte. */
const wire = (text: string, encoding: BufferEncoding = 'utf8') =>
  Buffer.from(text, encoding).toString('latin1');

const nameOf = (disposition?: string, contentType = 'application/pdf') =>
  partFromFields({ contentType, disposition }, { path: '2' }).name;

test.each([
  ['plain text stays', 'Facture 12', 'Facture 12'],
  ['a quoted-printable word', '=?iso-8859-1?Q?D=E9lib=E9ration_n=B0_12?=', 'Délibération n° 12'],
  ['a base64 word', '=?UTF-8?B?RMOpbGliw6lyYXRpb24=?=', 'Délibération'],
  ['a word with a language', '=?utf-8*fr?Q?=C3=A9cole?=', 'école'],
  ['blanks between two words are no text', '=?utf-8?Q?a?=\r\n =?utf-8?Q?b?=', 'ab'],
  ['blanks beside other text are text', 'x =?utf-8?Q?a?= y', 'x a y'],
  ['a character cut in two by the words', '=?utf-8?B?w6nD?= =?utf-8?B?qQ==?=', 'éé'],
  ['words in two character sets', '=?utf-8?Q?=C3=A9?= =?iso-8859-15?Q?=A4?=', 'é€'],
  ['a word inside quotes', '"=?utf-8?Q?=C3=A9?=" <a@b.fr>', '"é" <a@b.fr>'],
  ['a word with blanks in it', '=?utf-8?Q?a b=C3=A9?=', 'a bé'],
  ['a word with a question mark in it', '=?utf-8?Q?quoi??=', 'quoi?'],
  ['a word without end stays as it is', '=?utf-8?Q?abc', '=?utf-8?Q?abc'],
  ['a broken word costs only itself', '=?utf-8?Q?abc =?utf-8?Q?=C3=A9?=', '=?utf-8?Q?abc é'],
  ['raw UTF-8', wire('Délibération'), 'Délibération'],
  ['raw Latin-1', wire('Délibération', 'latin1'), 'Délibération'],
  ['raw 8-bit beside a word', `${wire('été ')}=?utf-8?Q?=C3=A9?=`, 'été é'],
  ['a character set that nobody knows', '=?x-nobody?Q?=C3=A9?=', 'é'],
  ['a set that only iconv knows', '=?cp850?Q?=82?=', 'é'],
  ['Windows-1252 under the name of Latin-1', '=?iso-8859-1?Q?=80_=92?=', '€ ’'],
  ['Japanese', '=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=', '日本'],
  ['ASCII that is UTF-8', '=?us-ascii?Q?=C3=A9?=', 'é'],
])('encoded words: %s', (_, raw, text) => {
  expect(decodeWords(raw)).toBe(text);
});

test('a header of a megabyte that looks like words all along is read before the time of a test is over', () => {
  // Steps that grow with the square of its length would take hours.
  for (const piece of ['=?utf-8?Q?', '=?', '=?a?Q?b ', '=?utf-8?B?Z']) {
    const raw = piece.repeat(100_000);
    expect(decodeWords(raw)).toBe(raw);
  }
});

test.each([
  ['in quotes', 'attachment; filename="a b.pdf"', 'a b.pdf'],
  ['without quotes', 'attachment; filename=a.pdf', 'a.pdf'],
  ['without quotes, with blanks', 'attachment; filename=mon fichier.pdf; size=3', 'mon fichier.pdf'],
  ['whose quote is never closed', 'attachment; filename="a.pdf', 'a.pdf'],
  ['whose quote is never closed, with more behind it', 'attachment; filename="a.pdf; size=3', 'a.pdf'],
  [
    'with quotes inside quotes',
    'attachment; filename="la "belle" facture.pdf"; size=3',
    'la "belle" facture.pdf',
  ],
  ['with escaped quotes', String.raw`attachment; filename="a \"b\".pdf"`, 'a "b".pdf'],
  ['with a semicolon', 'attachment; filename="a;b.pdf"', 'a;b.pdf'],
  ['with an equals sign', 'attachment; filename="a=b.pdf"', 'a=b.pdf'],
  ['with a path of Windows', String.raw`attachment; filename="C:\scans\a.pdf"`, 'a.pdf'],
  ['that wants to climb', 'attachment; filename="../../etc/passwd.pdf"', 'passwd.pdf'],
  ['with a slash that is no path', 'attachment; filename="Facture 12/2026.pdf"', 'Facture 12/2026.pdf'],
  ['by RFC 2231', "attachment; filename*=UTF-8''d%C3%A9lib%C3%A9ration.pdf", 'délibération.pdf'],
  ['by RFC 2231, in quotes', `attachment; filename*="UTF-8''d%C3%A9lib.pdf"`, 'délib.pdf'],
  ['by RFC 2231, without the star', `attachment; filename="UTF-8''d%C3%A9lib.pdf"`, 'délib.pdf'],
  [
    'beside its RFC 2231 form, which counts',
    'attachment; filename="x.pdf"; filename*=utf-8\'\'%C3%A9.pdf',
    'é.pdf',
  ],
  ['in pieces', 'attachment; filename*0="une tres "; filename*1="longue.pdf"', 'une tres longue.pdf'],
  ['in pieces, out of order', 'attachment; filename*1="b.pdf"; filename*0="a"', 'ab.pdf'],
  [
    'in pieces, some encoded',
    "attachment; filename*0*=iso-8859-1'fr'%E9t; filename*1=e%20; filename*2*=%E9.pdf",
    'éte%20é.pdf',
  ],
  ['in pieces that cut a character', "attachment; filename*0*=utf-8''%C3; filename*1*=%A9.pdf", 'é.pdf'],
  ['in pieces of an encoded word', 'attachment; filename*0="=?utf-8?Q?=C3=A9"; filename*1=".pdf?="', 'é.pdf'],
  ['as an encoded word in quotes', 'attachment; filename="=?utf-8?B?w6kucGRm?="', 'é.pdf'],
  ['as an encoded word without quotes', 'attachment; filename==?utf-8?B?w6kucGRm?=', 'é.pdf'],
  ['as two words', 'attachment; filename="=?utf-8?Q?=C3=A9?=\t=?utf-8?Q?=C3=A9.pdf?="', 'éé.pdf'],
  ['in raw UTF-8', wire('attachment; filename="é.pdf"'), 'é.pdf'],
  ['in raw Latin-1', wire('attachment; filename="é.pdf"', 'latin1'), 'é.pdf'],
  ['with decomposed letters', wire('attachment; filename="e\u0301.pdf"'), 'é.pdf'],
  ['in capital letters', 'ATTACHMENT; FILENAME="A.PDF"', 'A.PDF'],
  ['with a percent sign', 'attachment; filename="100%.pdf"', '100%.pdf'],
  ['that no semicolon is before', 'attachment filename="a.pdf"', 'a.pdf'],
  ['that no semicolon is behind', 'attachment; filename="a.pdf" size=3', 'a.pdf'],
  ['behind a comment', 'attachment (as; sent); filename=a.pdf', 'a.pdf'],
  ['said twice: the first counts', 'attachment; filename="a.pdf"; filename="b.pdf"', 'a.pdf'],
])('a file name %s', (_, disposition, name) => {
  expect(nameOf(disposition)).toBe(name);
});

test.each([
  ['multipart/mixed; boundary=b'],
  ['Multipart / Mixed ; boundary="b"'],
  ['(a) multipart/(b)mixed (c; d) ; boundary=b (e)'],
  ['multipart/mixed boundary=b charset=utf-8'],
  ['multipart/mixed; boundary="b" charset="utf-8"'],
  ['multipart/mixed; charset=utf-8 boundary=b; x=y'],
])('the type and the boundary of %s', (contentType) => {
  const { type, boundary } = partFromFields({ contentType }, { path: '' });
  expect({ type, boundary }).toEqual({ type: 'multipart/mixed', boundary: 'b' });
});

test('a header of a megabyte that looks like a type all along is read before the time of a test is over', () => {
  for (const piece of ['(', ' ', 'a', 'a (b) ', '(a', 'a/', 'x=', '"', 'a="b" ', '; ']) {
    const raw = piece.repeat(1_000_000 / piece.length);
    expect(parseParameters(raw).value.length).toBeLessThanOrEqual(raw.length);
  }
});

test('a file name may stand in the content type alone', () => {
  expect(nameOf(undefined, 'application/pdf; name="=?utf-8?Q?=C3=A9.pdf?="')).toBe('é.pdf');
  expect(nameOf('attachment', 'application/pdf; charset=utf-8;\tname=a.pdf')).toBe('a.pdf');
});

test('an empty file name is none, and the document is called by its type and place', () => {
  const part = partFromFields(
    { contentType: 'application/pdf', disposition: 'attachment; filename=""' },
    { path: '1.2' },
  );
  expect(part.name).toBeUndefined();
  expect(documentName(part)).toBe('part-1.2.pdf');
});

test('an attached message is called by its subject', () => {
  const part = partFromFields({ contentType: 'message/rfc822' }, { path: '3' });
  expect(documentName(part, 'Re: facture 3/4')).toBe('Re_ facture 3_4.eml');
  expect(documentName(part)).toBe('part-3.eml');
});

test('a document name is safe, whatever the mail says', () => {
  for (const name of [
    '../../etc/x',
    'a\0b.pdf',
    'a.pdf   ',
    'CON.pdf',
    'x'.repeat(10_000),
    'a\u202efdp.exe',
    '...',
  ]) {
    const part = partFromFields({ disposition: `attachment; filename="${wire(name)}"` }, { path: '2' });
    expect(documentName(part)).toBe(safeName(documentName(part)));
  }
  expect(messageName('\r\n../x'.repeat(500))).toBe(safeName(messageName('\r\n../x'.repeat(500))));
});

test('of a hundred thousand parameters the first thousand count', () => {
  const many = Array.from({ length: 100_000 }, (_, i) => `; filename*${String(i)}="x"`).join('');
  expect(parseParameters(`attachment${many}`).parameters.get('filename')).toHaveLength(1000);
});
