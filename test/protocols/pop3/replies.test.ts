import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReplyReader } from '../../../packages/protocols/dist/pop3/replies.js';

/** What a client understands of `wire`, cut at the given places; answers after which lines follow are `+OK …m`. */
function understood(wire: Buffer, cuts: readonly number[]): readonly string[] {
  const said: string[] = [];
  let text: Buffer[] = [];
  const reader = new ReplyReader({
    status(line) {
      said.push(line);
      text = [];
      return line.endsWith('m') ? 'lines follow' : 'complete';
    },
    data: (chunk) => void text.push(Buffer.from(chunk)),
    end: () => said.push(`|${Buffer.concat(text).toString('latin1')}|`),
    broken: (why) => said.push(`broken: ${why}`),
  });
  let at = 0;
  for (const cut of [...cuts, wire.length]) {
    const end = Math.min(at + cut, wire.length);
    reader.push(wire.subarray(at, end));
    at = end;
  }
  reader.push(wire.subarray(at));
  return said;
}

/** A server's whole side of a session, with every mail that has troubled a client. */
const MAILS = [
  'Subject: a\r\n\r\nplain\r\n',
  '.\r\n',
  '..\r\n.\r\n...\r\n',
  '.leading dot\r\nx.\r\n.\r\r\n',
  'a\r\n.b\r\n\r\n.\r\n',
  '\r\n\r\n\r\n',
  '',
  'lone LF\n.\nnot the end\n.\r\nnor this\r\n',
  'lone CR\r.\r\n.\rx\r\n',
  'binary \0\xff\xfe\r\n',
  '+OK in the text\r\n-ERR as well\r\n',
];

/** RFC 1939, section 3: a line is what ends in CR LF. */
const stuff = (mail: string) => mail.replace(/(^|\r\n)\./gu, '$1..');

const CONVERSATION = Buffer.from(
  `+OK ready\r\n+OK\r\n${MAILS.map((mail) => `+OK m\r\n${stuff(mail)}.\r\n`).join('')}-ERR [IN-USE] no\r\n+ \r\n+\r\n+OK bye\r\n`,
  'latin1',
);
const EXPECTED = [
  '+OK ready',
  '+OK',
  ...MAILS.flatMap((mail) => ['+OK m', `|${mail}|`]),
  '-ERR [IN-USE] no',
  '+ ',
  '+',
  '+OK bye',
];

test('a conversation is understood as it was meant', () => {
  expect(understood(CONVERSATION, [])).toEqual(EXPECTED);
});

test('it is understood cut in two at every byte', () => {
  for (let at = 0; at <= CONVERSATION.length; at++) expect(understood(CONVERSATION, [at])).toEqual(EXPECTED);
});

test('it is understood byte by byte', () => {
  expect(
    understood(
      CONVERSATION,
      Array.from(CONVERSATION, () => 1),
    ),
  ).toEqual(EXPECTED);
});

test('it is understood cut in three at any two bytes around a dot', () => {
  const dots = [...CONVERSATION.keys()].filter((i) => CONVERSATION[i] === 46);
  for (const dot of dots) {
    for (let from = Math.max(0, dot - 4); from <= dot + 4; from++) {
      for (let length = 0; length <= 4; length++) {
        expect(understood(CONVERSATION, [from, length])).toEqual(EXPECTED);
      }
    }
  }
});

test('any mail comes back as it was, in any pieces', () => {
  const piece = fc.constantFrom(
    '\r\n',
    '\r',
    '\n',
    '.',
    '..',
    'a',
    '\r\n.',
    '\r\n.\r',
    '.\r\n',
    ' ',
    '+OK',
    '\xff',
  );
  const mail = fc.array(piece, { maxLength: 30 }).map((pieces) => `${pieces.join('')}\r\n`);
  const cuts = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 80 });
  fc.assert(
    fc.property(fc.array(mail, { maxLength: 3 }), cuts, (mails, at) => {
      const wire = Buffer.from(mails.map((m) => `+OK m\r\n${stuff(m)}.\r\n`).join(''), 'latin1');
      expect(understood(wire, at)).toEqual(mails.flatMap((m) => ['+OK m', `|${m}|`]));
    }),
    { numRuns: 5000 },
  );
});

test('what is no answer is said, and no more than its beginning', () => {
  expect(understood(Buffer.from('HTTP/1.1 400 Bad Request\r\n'), [])).toEqual([
    'broken: "HTTP/1.1 400 Bad Request" where an answer should begin',
  ]);
  expect(
    understood(
      Buffer.alloc(100_000, 'a'),
      Array.from({ length: 100 }, () => 1000),
    )[0],
  ).toBe('broken: a line of more than 8 KB where an answer should begin');
});
