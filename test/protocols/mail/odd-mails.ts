import { tnefOf, type PackedFile } from './tnef-writer.js';

/** A mail as some program writes it, and the documents that people see in it: name and content. */
export interface OddMail {
  readonly name: string;
  /** One character a byte, lines with LF. */
  readonly source: string;
  readonly documents: readonly (readonly [name: string, content: string])[];
  /** Dovecot does not see its parts, and by IMAP there is nothing but what the server sees. */
  readonly onlyWhole?: true;
}

const b64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64');
const utf8 = (text: string): string => Buffer.from(text).toString('latin1');

/** A part: header lines, an empty one, content. */
const part = (header: string, content: string): string => `${header}\n\n${content}`;
const pdf = (header: string, content = 'PDF'): string =>
  part(`${header}\nContent-Transfer-Encoding: base64`, b64(content));
const attached = (disposition: string, content = 'PDF'): string =>
  pdf(`Content-Type: application/pdf\nContent-Disposition: ${disposition}`, content);
const TEXT = part('Content-Type: text/plain; charset=utf-8', 'Bonjour');
const HTML = part('Content-Type: text/html', '<p>Bonjour</p>');

const within = (boundary: string, parts: readonly string[]): string =>
  `${parts.map((each) => `--${boundary}\n${each}\n`).join('')}--${boundary}--\n`;
const multi = (subtype: string, parts: readonly string[], boundary = `b-${subtype}`): string =>
  part(`Content-Type: multipart/${subtype}; boundary="${boundary}"`, within(boundary, parts));
const mail = (content: string): string =>
  `From: a@example.org\nSubject: essai\nDate: Tue, 24 Nov 2026 08:00:00 +0100\nMIME-Version: 1.0\n${content}`;

const odd = (name: string, content: string, ...documents: OddMail['documents']): OddMail => ({
  name,
  source: mail(content),
  documents,
});
/** One attachment beside a text. */
const named = (name: string, disposition: string, shown: string): OddMail =>
  odd(name, multi('mixed', [TEXT, attached(disposition)]), [shown, 'PDF']);

const PACKED_XML: PackedFile = { title: 'facture.xml', content: Buffer.from('<inside/>') };
const CUT_TNEF = tnefOf([PACKED_XML, { title: 'a.pdf', content: Buffer.from('PDF') }]).subarray(0, -40);
const winmail = (tnef: Buffer, type = 'application/ms-tnef'): string =>
  pdf(
    `Content-Type: ${type}; name="winmail.dat"\nContent-Disposition: attachment; filename="winmail.dat"`,
    tnef.toString('latin1'),
  );

const uuencoded = 'begin 644 scan.pdf\n#4$1&\n`\nend\n';

/** More than are asked for in one command. */
const MANY = Array.from({ length: 120 }, (_, n) => String(n));

/** It has all that Dovecot cannot tell. */
const onlyWhole = (one: OddMail): OddMail => ({ ...one, onlyWhole: true });

export const ODD_MAILS: readonly OddMail[] = [
  // ── what scanners and copiers send ──
  odd('a PDF that is the mail', pdf('Content-Type: application/pdf; name="scan.pdf"'), ['scan.pdf', 'PDF']),
  odd('a PDF that is the mail, without a name', pdf('Content-Type: application/pdf'), ['part-1.pdf', 'PDF']),
  odd(
    'a TIFF of a fax without disposition',
    multi('mixed', [TEXT, pdf('Content-Type: image/tiff; name=FAX0001.TIF', 'TIFF')]),
    ['FAX0001.TIF', 'TIFF'],
  ),
  odd(
    'a PDF as application/octet-stream',
    multi('mixed', [pdf('Content-Type: application/octet-stream; name="DOC 1.PDF"')]),
    ['DOC 1.PDF', 'PDF'],
  ),
  odd('a PDF without any text', multi('mixed', [attached('attachment; filename=a.pdf')]), ['a.pdf', 'PDF']),
  odd(
    'a type that is none',
    multi('mixed', [TEXT, pdf('Content-Type: pdf\nContent-Disposition: attachment; filename="a.pdf"')]),
    ['a.pdf', 'PDF'],
  ),
  odd(
    'two files under one name',
    multi('mixed', [
      TEXT,
      attached('attachment; filename=scan.pdf', '1'),
      attached('attachment; filename=scan.pdf', '2'),
    ]),
    ['scan.pdf', '1'],
    ['scan (2).pdf', '2'],
  ),
  // ── Outlook and Exchange ──
  odd(
    'a text with a logo, and a PDF beside both',
    multi('mixed', [
      multi('related', [
        multi('alternative', [TEXT, HTML]),
        pdf(
          'Content-Type: image/png; name="image001.png"\nContent-ID: <image001.png@01D>\nContent-Disposition: inline; filename="image001.png"',
          'PNG',
        ),
      ]),
      pdf(
        'Content-Type: application/pdf; name="Devis.pdf"\nContent-Description: Devis.pdf\nContent-Disposition: attachment; filename="Devis.pdf"; size=3;\n\tcreation-date="Tue, 24 Nov 2026 07:00:00 GMT"',
      ),
    ]),
    ['Devis.pdf', 'PDF'],
  ),
  odd(
    'a PDF among what a text shows',
    multi('related', [
      HTML,
      pdf('Content-Type: application/pdf; name=a.pdf\nContent-ID: <x@y>\nContent-Disposition: inline'),
    ]),
    ['a.pdf', 'PDF'],
  ),
  odd(
    'winmail.dat that is none',
    multi('mixed', [
      TEXT,
      pdf(
        'Content-Type: application/ms-tnef; name="winmail.dat"\nContent-Disposition: attachment; filename="winmail.dat"',
        'TNEF',
      ),
    ]),
    ['winmail.dat', 'TNEF'],
  ),
  odd(
    'what Outlook packs into winmail.dat, beside a file of the same name',
    multi('mixed', [
      TEXT,
      attached('attachment; filename="Facture.pdf"', 'outside'),
      winmail(tnefOf([{ longName: 'Facture.pdf', content: Buffer.from('inside') }, PACKED_XML])),
      attached('attachment; filename="facture.xml"', '<outside/>'),
    ]),
    ['Facture.pdf', 'outside'],
    ['Facture (2).pdf', 'inside'],
    ['facture.xml', '<inside/>'],
    ['facture (2).xml', '<outside/>'],
  ),
  odd('winmail.dat with nothing but the look of the text', multi('mixed', [TEXT, winmail(tnefOf([]))])),
  odd(
    'winmail.dat that is cut: what came whole, and it itself',
    multi('mixed', [TEXT, winmail(CUT_TNEF)]),
    ['facture.xml', '<inside/>'],
    ['winmail.dat', CUT_TNEF.toString('latin1')],
  ),
  odd(
    'winmail.dat with a picture of the text, as octets',
    multi('mixed', [
      TEXT,
      winmail(
        tnefOf([{ title: 'image001.png', content: Buffer.from('PNG'), hidden: true }, PACKED_XML]),
        'application/octet-stream',
      ),
    ]),
    ['facture.xml', '<inside/>'],
  ),
  odd(
    'an invitation',
    multi('mixed', [
      multi('alternative', [
        TEXT,
        HTML,
        part('Content-Type: text/calendar; method=REQUEST', 'BEGIN:VCALENDAR'),
      ]),
      pdf(
        'Content-Type: application/ics; name="invite.ics"\nContent-Disposition: attachment; filename="invite.ics"',
        'ICS',
      ),
    ]),
    ['invite.ics', 'ICS'],
  ),
  named(
    'a name in Windows-1252',
    'attachment; filename="=?Windows-1252?Q?Re=E7u_n=B0_12.pdf?="',
    'Reçu n° 12.pdf',
  ),
  named(
    'a name in several words',
    'attachment;\n filename="=?utf-8?B?RMOpbGliw6ly?=\n =?utf-8?B?YXRpb24ucGRm?="',
    'Délibération.pdf',
  ),
  // ── Apple Mail ──
  odd(
    'PDFs between texts',
    multi('mixed', [
      TEXT,
      attached('inline; filename=un.pdf', '1'),
      TEXT,
      attached('inline; filename=deux.pdf', '2'),
      TEXT,
    ]),
    ['un.pdf', '1'],
    ['deux.pdf', '2'],
  ),
  odd(
    'a PDF in one of two forms of the text',
    multi('alternative', [TEXT, multi('mixed', [HTML, attached('inline; filename="facture.pdf"'), HTML])]),
    ['facture.pdf', 'PDF'],
  ),
  odd(
    'a file in two forks',
    multi('mixed', [
      TEXT,
      multi('appledouble', [
        pdf('Content-Type: application/applefile; name="a.pdf"', 'FORK'),
        pdf('Content-Type: application/pdf; name="a.pdf"'),
      ]),
    ]),
    ['a.pdf', 'PDF'],
  ),
  odd(
    'a photograph of a phone',
    multi('mixed', [
      pdf(
        'Content-Type: image/jpeg; name=image0.jpeg; x-apple-part-url=ABC\nContent-Disposition: inline; filename=image0.jpeg',
        'JPEG',
      ),
      TEXT,
    ]),
    ['image0.jpeg', 'JPEG'],
  ),
  named(
    "a name with Apple's decomposed letters",
    `attachment; filename*=utf-8''${encodeURIComponent('été.pdf'.normalize('NFD'))}`,
    'été.pdf',
  ),
  // ── Gmail, Orange, La Poste, Lotus Notes ──
  odd(
    'an attachment with an id of its own',
    multi('mixed', [
      multi('alternative', [TEXT, HTML]),
      pdf(
        'Content-Type: application/pdf; name="a.pdf"\nContent-Disposition: attachment; filename="a.pdf"\nX-Attachment-Id: f_1\nContent-ID: <f_1>',
      ),
    ]),
    ['a.pdf', 'PDF'],
  ),
  odd(
    'a picture that is attached, and has an id',
    multi('mixed', [
      TEXT,
      pdf(
        'Content-Type: image/png; name="plan.png"\nContent-Disposition: attachment; filename="plan.png"\nContent-ID: <f_2>',
        'PNG',
      ),
    ]),
    ['plan.png', 'PNG'],
  ),
  named('a raw name in Latin-1', 'attachment; filename="d\xe9lib\xe9ration.pdf"', 'délibération.pdf'),
  odd(
    'many raw names in Latin-1',
    multi(
      'mixed',
      MANY.map((n) => attached(`attachment; filename="re\xe7u ${n}.pdf"`, n)),
    ),
    ...MANY.map((n) => [`reçu ${n}.pdf`, n] as const),
  ),
  named('a raw name in UTF-8', `attachment; filename="${utf8('délibération.pdf')}"`, 'délibération.pdf'),
  named(
    'a name without quotes, with blanks',
    'attachment; filename=compte rendu 12.pdf',
    'compte rendu 12.pdf',
  ),
  named(
    'a name without quotes, with a dot before the blank',
    'attachment; filename=facture.janvier 2026.pdf',
    'facture.janvier 2026.pdf',
  ),
  named('a name without the semicolon behind it', 'attachment; filename="a.pdf" size=3', 'a.pdf'),
  odd(
    'a related around all of it',
    multi('related', [
      multi('alternative', [TEXT, HTML]),
      pdf(
        'Content-Type: application/pdf; name="C:\\Temp\\a.pdf"\nContent-Disposition: attachment; filename="a.pdf"',
      ),
    ]),
    ['a.pdf', 'PDF'],
  ),
  // ── names ──
  named(
    'a name in pieces of two kinds',
    'attachment; filename*0*=utf-8\'\'d%C3%A9; filename*1="liberation"; filename*2*=.pdf',
    'déliberation.pdf',
  ),
  named(
    'a name in ten pieces, in no order',
    `attachment; ${[3, 0, 2, 1].map((i) => `filename*${String(i)}=${['fac', 'tu', 're', '.pdf'][i]!}`).join('; ')}`,
    'facture.pdf',
  ),
  named('a name in GB18030', "attachment; filename*=GB18030''%B7%A2%C6%B1.pdf", '发票.pdf'),
  named('a name in Big5, in a word', 'attachment; filename="=?big5?B?tW+yvC5wZGY=?="', '發票.pdf'),
  named('a name in KOI8-R', 'attachment; filename="=?koi8-r?B?096j1C5wZGY=?="', 'счёт.pdf'),
  named('a name that climbs', 'attachment; filename="../../../etc/passwd.pdf"', 'passwd.pdf'),
  named('a name with a path of Windows', 'attachment; filename="C:\\scans\\a.pdf"', 'a.pdf'),
  named('a name with a path of a share', 'attachment; filename="\\\\serveur\\scans\\a.pdf"', 'a.pdf'),
  named('a name with a slash', 'attachment; filename="facture 12/2026.pdf"', 'facture 12_2026.pdf'),
  named('a name with quotes', 'attachment; filename="l\'\\"annexe\\".pdf"', "l'_annexe_.pdf"),
  named('a name of Windows that is a device', 'attachment; filename="CON.pdf"', '_CON.pdf'),
  named('a name that turns around', `attachment; filename*=utf-8''a%E2%80%AEfdp.exe`, 'a_fdp.exe'),
  named('an empty name', 'attachment; filename=""', 'part-2.pdf'),
  named('no name at all', 'attachment', 'part-2.pdf'),
  odd(
    'a name in the type alone',
    multi('mixed', [
      TEXT,
      pdf(
        'Content-Type: application/pdf;\n name="=?utf-8?Q?re=C3=A7u.pdf?="\nContent-Disposition: attachment',
      ),
    ]),
    ['reçu.pdf', 'PDF'],
  ),
  odd(
    'another name in the type',
    multi('mixed', [
      TEXT,
      pdf(
        'Content-Type: application/pdf; name="type.pdf"\nContent-Disposition: attachment; filename="disposition.pdf"',
      ),
    ]),
    ['disposition.pdf', 'PDF'],
  ),
  // ── boundaries ──
  onlyWhole(
    odd(
      'a boundary with a blank at the end',
      part(
        'Content-Type: multipart/mixed; boundary="bb  "',
        within('bb', [TEXT, attached('attachment; filename=a.pdf')]),
      ),
      ['a.pdf', 'PDF'],
    ),
  ),
  odd(
    'blanks behind the boundaries',
    part(
      'Content-Type: multipart/mixed; boundary=bb',
      within('bb', [TEXT, attached('attachment; filename=a.pdf')]).replaceAll(/^--bb(?:--)?$/gmu, '$& \t'),
    ),
    ['a.pdf', 'PDF'],
  ),
  odd(
    'a boundary that begins like another one',
    multi(
      'mixed',
      [multi('alternative', [TEXT, HTML], 'bb'), attached('attachment; filename=a.pdf')],
      'bb-1',
    ),
    ['a.pdf', 'PDF'],
  ),
  odd(
    'a boundary with signs that patterns know',
    multi('mixed', [TEXT, attached('attachment; filename=a.pdf')], "=_(.*)+?/:'="),
    ['a.pdf', 'PDF'],
  ),
  odd(
    'words before and after its parts',
    part(
      'Content-Type: multipart/mixed; boundary=bb',
      `This is a multi-part message.\n${within('bb', [TEXT, attached('attachment; filename=a.pdf')])}\nEnvoye depuis mon poste\n--bb\nnothing\n`,
    ),
    ['a.pdf', 'PDF'],
  ),
  odd(
    'a last boundary that is missing',
    part(
      'Content-Type: multipart/mixed; boundary=bb',
      `--bb\n${TEXT}\n--bb\n${attached('attachment; filename=a.pdf')}\n`,
    ),
    ['a.pdf', 'PDF'],
  ),
  odd(
    'words behind a boundary',
    part(
      'Content-Type: multipart/mixed; boundary=bb',
      within('bb', [TEXT, attached('attachment; filename=a.pdf')]).replaceAll(/^--bb(?:--)?$/gmu, '$& x'),
    ),
    ['a.pdf', 'PDF'],
  ),
  ...['bb charset=utf-8', '"bb" charset=utf-8', 'bb (as sent)'].map((boundary) =>
    odd(
      `a boundary with more behind it: ${boundary}`,
      part(
        `Content-Type: multipart/mixed; boundary=${boundary}`,
        within('bb', [TEXT, attached('attachment; filename=a.pdf')]),
      ),
      ['a.pdf', 'PDF'],
    ),
  ),
  odd(
    'types with comments and blanks',
    part(
      'Content-Type: multipart / mixed (as sent); boundary=bb',
      within('bb', [
        part('Content-Type: text/plain (Plain; text)', 'Bonjour'),
        pdf(
          'Content-Type: (PDF) application/pdf (a file)\nContent-Disposition: attachment (x); filename=a.pdf',
        ),
      ]),
    ),
    ['a.pdf', 'PDF'],
  ),
  // ── content ──
  odd(
    'base64 in lines of any length, with blanks',
    multi('mixed', [
      TEXT,
      part(
        'Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: BASE64 ',
        'U\nER\n GUE \n\nRG',
      ),
    ]),
    ['a.pdf', 'PDFPDF'],
  ),
  odd(
    'base64 without its padding',
    multi('mixed', [
      TEXT,
      part('Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64', 'UERGMQ'),
    ]),
    ['a.pdf', 'PDF1'],
  ),
  ...['base64;', 'base64 (MIME)', 'base64; x=y', '"base64"'].map((encoding) =>
    odd(
      `base64 that is called ${encoding}`,
      multi('mixed', [
        TEXT,
        part(`Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: ${encoding}`, b64('PDF')),
      ]),
      ['a.pdf', 'PDF'],
    ),
  ),
  {
    name: 'a file that is the mail, with nothing else of MIME',
    source: `Subject: essai\n${pdf('Content-Disposition: attachment; filename="a.pdf"')}`,
    documents: [['a.pdf', 'PDF']],
  },
  odd(
    'a CSV in quoted-printable',
    multi('mixed', [
      TEXT,
      part(
        'Content-Type: text/csv; charset=utf-8; name=a.csv\nContent-Disposition: attachment; filename=a.csv\nContent-Transfer-Encoding: quoted-printable',
        'a;b=3Dc;=\nd=E9',
      ),
    ]),
    ['a.csv', 'a;b=c;d\xe9'],
  ),
  odd(
    'an uuencoded attachment',
    multi('mixed', [
      TEXT,
      part(
        'Content-Type: application/pdf; name="scan.pdf"\nContent-Transfer-Encoding: x-uuencode\nContent-Disposition: attachment; filename="scan.pdf"',
        uuencoded,
      ),
    ]),
    ['scan.pdf', 'PDF'],
  ),
  odd(
    'an empty attachment',
    multi('mixed', [
      TEXT,
      part('Content-Type: application/pdf; name=vide.pdf\nContent-Disposition: attachment', ''),
    ]),
    ['vide.pdf', ''],
  ),
  odd(
    'a text that is attached',
    multi('mixed', [
      TEXT,
      part(
        'Content-Type: text/plain; name=note.txt\nContent-Disposition: attachment; filename=note.txt',
        'note',
      ),
    ]),
    ['note.txt', 'note'],
  ),
  odd(
    'the footer of a mailing list',
    multi('mixed', [
      multi('mixed', [TEXT, attached('attachment; filename=a.pdf')], 'inner'),
      part('Content-Type: text/plain\nContent-Disposition: inline', '___\nliste@example.org'),
    ]),
    ['a.pdf', 'PDF'],
  ),
  // ── signed, encrypted, attached, reported ──
  odd(
    'signed by S/MIME',
    multi('signed', [
      multi('mixed', [TEXT, attached('attachment; filename=a.pdf')]),
      pdf(
        'Content-Type: application/pkcs7-signature; name="smime.p7s"\nContent-Disposition: attachment; filename="smime.p7s"',
        'SIG',
      ),
    ]),
    ['a.pdf', 'PDF'],
  ),
  odd(
    'signed by PGP',
    multi('signed', [
      multi('mixed', [TEXT, attached('attachment; filename=a.pdf')]),
      part('Content-Type: application/pgp-signature; name="signature.asc"', '-----BEGIN'),
    ]),
    ['a.pdf', 'PDF'],
  ),
  odd(
    'signed and sealed by S/MIME',
    pdf(
      'Content-Type: application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"\nContent-Disposition: attachment; filename="smime.p7m"',
      'P7M',
    ),
    ['smime.p7m', 'P7M'],
  ),
  odd(
    'encrypted by PGP',
    multi('encrypted', [
      part('Content-Type: application/pgp-encrypted', 'Version: 1'),
      part('Content-Type: application/octet-stream; name="encrypted.asc"', 'PGP'),
    ]),
    ['encrypted.asc', 'PGP'],
  ),
  odd(
    'an attached mail',
    multi('mixed', [
      TEXT,
      part('Content-Type: message/rfc822', 'Subject: =?utf-8?Q?relance_n=C2=B0_3?=\n\nVite'),
    ]),
    ['relance n° 3.eml', 'Subject: =?utf-8?Q?relance_n=C2=B0_3?=\r\n\r\nVite'],
  ),
  odd(
    'an attached mail whose encoding is followed by a semicolon',
    multi('mixed', [
      TEXT,
      part('Content-Type: message/rfc822\nContent-Transfer-Encoding: 7bit;', 'Subject: relance\n\nVite'),
    ]),
    ['relance.eml', 'Subject: relance\r\n\r\nVite'],
  ),
  odd(
    'an attached mail in base64, which is forbidden',
    multi('mixed', [
      TEXT,
      pdf(
        'Content-Type: message/rfc822; name="relance.eml"\nContent-Disposition: attachment; filename="relance.eml"',
        'Subject: x\r\n\r\nVite',
      ),
    ]),
    ['relance.eml', 'Subject: x\r\n\r\nVite'],
  ),
  odd(
    'a bounce with the mail that it is about',
    multi('report', [
      TEXT,
      part('Content-Type: message/delivery-status', 'Status: 5.1.1'),
      part('Content-Type: message/rfc822', 'Subject: perdu\n\nx'),
    ]),
    ['perdu.eml', 'Subject: perdu\r\n\r\nx'],
  ),
  odd('a text alone', part('Content-Type: text/plain; format=flowed', 'Bonjour \nmonsieur')),
  odd('a text without any header of MIME', '\nBonjour'),
  odd('a text with yEnc in it', '\n=ybegin line=128 size=3 name=a.bin\n\x7a\x7b\n=yend size=3'),
];
