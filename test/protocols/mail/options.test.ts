import { imap, moveTo, type ImapOptions } from '@lanceur/protocols/imap';
import { pop3 } from '@lanceur/protocols/pop3';
import { describe, expect, test } from 'vitest';

const base = { host: 'mail.example.org', user: 'jean', password: 'secret' };
const makers = {
  imap: (options: object) => imap({ ...base, ...options }),
  pop3: (options: object) => pop3({ ...base, spool: process.cwd(), ...options }),
};
const NO_CERTIFICATE = '-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----\n';

describe.each(['imap', 'pop3'] as const)('%s', (name) => {
  test.each([
    [{ ca: NO_CERTIFICATE }, 'ca'],
    [{ ca: [] }, 'ca'],
    [{ ca: Buffer.from(NO_CERTIFICATE) }, 'ca'],
    [{ timeoutMs: '60000' }, 'timeoutMs'],
    [{ timeoutMs: Number.NaN }, 'timeoutMs'],
    [{ source: 5 }, 'source'],
    [{ documents: { body: 'yes' } }, 'documents.body'],
    [{ documents: { inlineAbove: Number.NaN } }, 'documents.inlineAbove'],
    [{ documents: { attachments: false, winmail: true } }, 'documents'],
  ])('refuses %j', (options, option) => {
    expect(() => makers[name](options)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        reason: expect.objectContaining({ data: expect.objectContaining({ option }) as unknown }) as unknown,
      }),
    );
  });

  test('takes what is undefined for what is not given', () => {
    expect(() =>
      makers[name]({ documents: { body: undefined }, ca: undefined, source: undefined }),
    ).not.toThrow();
  });
});

test.each([
  { do: 'purge' },
  { do: 'move', to: 'Traités', create: 'no' },
  { do: 'flag', flags: [['a']] },
  'delete',
])('imap refuses what it does not know to do after: %j', (after) => {
  expect(() => imap({ ...base, after: after as unknown as NonNullable<ImapOptions['after']> })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTION' }),
  );
  expect(() => imap({ ...base, after: moveTo('Traités', { create: false }) })).not.toThrow();
});
