import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MailSplitter, type SplitEnd } from '../../../packages/protocols/dist/mail/split.js';

interface Taken {
  /** `path type content` of each part. */
  readonly parts: readonly string[];
  readonly problems: readonly string[];
  readonly headers: readonly string[];
  readonly end: SplitEnd;
}

function split(
  mail: string | Buffer,
  cuts: readonly number[] = [],
  limits?: { depth: number; parts: number },
): Taken {
  const bytes = Buffer.from(mail as string);
  const parts: { label: string; content: Buffer[]; ended: boolean }[] = [];
  const problems: string[] = [];
  const headers: string[] = [];
  const splitter = new MailSplitter(
    {
      header: (h) => headers.push(h.text('subject') ?? '-'),
      part(part) {
        const found = {
          label: `${part.path} ${part.name ?? part.type}`,
          content: [] as Buffer[],
          ended: false,
        };
        parts.push(found);
        return {
          write: (chunk) => void found.content.push(Buffer.from(chunk)),
          end: () => {
            found.ended = true;
          },
        };
      },
      messageHeader: (part, h) => headers.push(`${part.path} ${h.text('subject') ?? '-'}`),
      problem: (what, part) => problems.push(`${part.path} ${part.type}: ${what}`),
    },
    limits,
  );
  let at = 0;
  for (const cut of [...cuts, bytes.length]) {
    splitter.write(bytes.subarray(at, Math.min(at + cut, bytes.length)));
    at = Math.min(at + cut, bytes.length);
  }
  splitter.write(bytes.subarray(at));
  const end = splitter.end();
  for (const part of parts) expect(part.ended).toBe(true);
  return {
    parts: parts.map(({ label, content }) => `${label} ${Buffer.concat(content).toString('latin1')}`),
    problems,
    headers,
    end,
  };
}

const crlf = (text: string) => text.replaceAll('\n', '\r\n');

const NESTED = crlf(`Subject: top
Content-Type: multipart/mixed; boundary="a"

preamble
--a
Content-Type: multipart/alternative; boundary=ab

--ab
Content-Type: text/plain

text
--ab
Content-Type: text/html

<p>
--ab--
epilogue
--a
Content-Type: message/rfc822

Subject: inner
Content-Type: multipart/mixed; boundary=abc

--abc

body
--abc
Content-Type: application/pdf; name=x.pdf

%PDF
--not a delimiter
-- 
%%EOF
--abc--
--a
Content-Type: application/pdf; name=y.pdf

line 1

--a--
after
`);

test('a mail is taken apart, as deep as it goes, and an attached message is whole as well as in parts', () => {
  expect(split(NESTED)).toEqual({
    headers: ['top', '2 inner'],
    parts: [
      '1.1 text/plain text',
      '1.2 text/html <p>',
      `2 message/rfc822 ${crlf(`Subject: inner
Content-Type: multipart/mixed; boundary=abc

--abc

body
--abc
Content-Type: application/pdf; name=x.pdf

%PDF
--not a delimiter
-- 
%%EOF
--abc--`)}`,
      '2.1 text/plain body',
      '2.2 x.pdf %PDF\r\n--not a delimiter\r\n-- \r\n%%EOF',
      '3 y.pdf line 1\r\n',
    ],
    problems: [],
    end: { closed: true, tooManyParts: false },
  });
});

test('it is the same wherever its bytes are cut', () => {
  const whole = split(NESTED);
  for (let at = 0; at <= NESTED.length; at++) expect(split(NESTED, [at])).toEqual(whole);
  expect(
    split(
      NESTED,
      Array.from({ length: NESTED.length }, () => 1),
    ),
  ).toEqual(whole);
});

test('line ends may be LF alone', () => {
  const unix = split(NESTED.replaceAll('\r\n', '\n'));
  expect(unix.parts.map((p) => p.replaceAll('\n', '\r\n'))).toEqual(split(NESTED).parts);
});

test('anything at all is taken, to the same end, wherever it is cut', () => {
  const piece = fc.constantFrom(
    ...[
      '\r\n',
      '\n',
      '\r',
      '-',
      '--',
      '--a',
      '--a--',
      '--b',
      ' ',
      'x',
      ':',
      'Content-Type: multipart/mixed; boundary=a\r\n',
    ],
    ...[
      'Content-Type: message/rfc822\r\n',
      '\r\n--a\r\n',
      '\r\n--a--\r\n',
      'Content-Type: multipart/mixed; boundary=b\r\n\r\n',
    ],
  );
  fc.assert(
    fc.property(
      fc
        .array(piece, { maxLength: 40 })
        .map((pieces) => `Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n${pieces.join('')}`),
      fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 60 }),
      (mail, cuts) => {
        expect(split(mail, cuts)).toEqual(split(mail));
      },
    ),
    { numRuns: 3000 },
  );
});

test('a mail that is one file is one part', () => {
  const { parts, end } = split('Content-Type: application/pdf; name=a.pdf\r\n\r\n%PDF\r\n--x\r\n');
  expect(parts).toEqual(['1 a.pdf %PDF\r\n--x\r\n']);
  expect(end.closed).toBeUndefined();
});

test('an empty mail is one empty text', () => {
  expect(split('').parts).toEqual(['1 text/plain ']);
  expect(split('Subject: only a header').parts).toEqual(['1 text/plain ']);
});

test('without its end boundary the last part is there, and it is said that it may be cut', () => {
  const { parts, problems, end } = split(
    'Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n',
  );
  expect(parts).toEqual(['1 application/pdf %PDF\r\n']);
  expect(problems).toEqual(['1 application/pdf: the end of what it is in is missing: it may be cut']);
  expect(end.closed).toBe(false);
});

test('an inner multipart that is never closed does not swallow what follows it', () => {
  const { parts, problems } = split(
    crlf(`Content-Type: multipart/mixed; boundary=a

--a
Content-Type: multipart/alternative; boundary=b

--b

text
--a
Content-Type: application/pdf

%PDF
--a--
`),
  );
  expect(parts).toEqual(['1.1 text/plain text', '2 application/pdf %PDF']);
  expect(problems).toEqual(['1 multipart/alternative: its end is missing']);
});

test('a part whose header never ends is an empty part', () => {
  const { parts } = split(
    'Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: text/csv; name=a.csv\r\n--a\r\n\r\nx\r\n--a--',
  );
  expect(parts).toEqual(['1 a.csv ', '2 text/plain x']);
});

test('a multipart that does not say its boundary is said', () => {
  expect(split('Content-Type: multipart/mixed\r\n\r\n--a\r\n\r\nx').problems).toEqual([
    ' multipart/mixed: it does not say what separates its parts, so that none of them was read',
  ]);
});

test('a multipart whose boundary never comes is said', () => {
  expect(split('Content-Type: multipart/mixed; boundary=z\r\n\r\n--a\r\n\r\nx').problems).toEqual([
    ' multipart/mixed: none of its parts could be found',
  ]);
});

test('an attached message that is encoded is a file like others', () => {
  const { parts } = split(
    'Content-Type: message/rfc822; name=a.eml\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogYQ==\r\n',
  );
  expect(parts).toEqual(['1 a.eml U3ViamVjdDogYQ==\r\n']);
});

test('ten thousand parts are taken, and of more than that it is said', () => {
  const mail = (n: number) =>
    `Content-Type: multipart/mixed; boundary=a\r\n\r\n${'--a\r\n\r\nx\r\n'.repeat(n)}--a--\r\n`;
  const many = split(mail(9_999));
  expect(many.parts).toHaveLength(9_999);
  expect(many.end.tooManyParts).toBe(false);
  const more = split(mail(20_000));
  expect(more.parts.length).toBeLessThanOrEqual(10_000);
  expect(more.end).toEqual({ closed: true, tooManyParts: true });
});

test('multiparts within multiparts end somewhere', () => {
  const deep = Array.from(
    { length: 10_000 },
    (_, i) => `Content-Type: multipart/mixed; boundary=b${String(i)}\r\n\r\n--b${String(i)}\r\n`,
  ).join('');
  const { problems } = split(deep);
  expect(problems.some((p) => p.includes('nested too deep'))).toBe(true);
});

test('a header of ten megabytes, in one line or in many, costs a megabyte and the parts behind it are found', () => {
  for (const filler of [`X: ${'y'.repeat(10_000_000)}\r\n`, 'X: y\r\n'.repeat(1_700_000)]) {
    const mail = `Subject: s\r\nContent-Type: multipart/mixed; boundary=a\r\n${filler}\r\n--a\r\n\r\nx\r\n--a--`;
    const { parts, problems } = split(
      mail,
      Array.from({ length: 200 }, () => 60_000),
    );
    expect(parts).toEqual(['1 text/plain x']);
    expect(problems).toEqual([' multipart/mixed: its header is longer than 1 MB and was read in part']);
  }
});

test('a boundary with blanks behind it is one', () => {
  expect(
    split('Content-Type: multipart/mixed; boundary="a b"\r\n\r\n--a b \t\r\n\r\nx\r\n--a b-- \r\n').parts,
  ).toEqual(['1 text/plain x']);
});

test('what stands behind a boundary does not count, and the longest of several that fit does', () => {
  const { parts } = split(
    crlf(`Content-Type: multipart/mixed; boundary=a

--a (1)
Content-Type: multipart/alternative; boundary=a-b

--a-b x

text
--a-b-c

other
--a-b--x
--a-b
after its end nothing is a part
--a\ty
Content-Type: application/pdf

%PDF
--a--z
`),
  );
  expect(parts).toEqual(['1.1 text/plain text', '1.2 text/plain other', '2 application/pdf %PDF']);
});

test('a multipart that ends before its first part is said', () => {
  expect(split('Content-Type: multipart/mixed; boundary=a\r\n\r\ntext\r\n--a--\r\n').problems).toEqual([
    ' multipart/mixed: none of its parts could be found',
  ]);
});

test('an attached message is taken apart whatever is behind the word for its encoding', () => {
  const header = 'Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit; (x)\r\n';
  expect(split(`${header}\r\nSubject: inside\r\n\r\ntext`).headers).toEqual(['-', '1 inside']);
});
