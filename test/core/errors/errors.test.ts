import { connect } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { CODES, LanceurError, messageOf, reasonOf, type Code } from '@lanceur/core';

test('an error carries its code, whom it concerns, whether it can heal, and what to do', () => {
  const cause = new Error('ENOENT');
  const error = new LanceurError('TARGET_GONE', { path: 'C:\\wait', job: '87' }, { job: '87', cause });
  expect(error).toMatchObject({
    name: 'LanceurError',
    code: 'TARGET_GONE',
    scope: 'target',
    transient: true,
    job: '87',
  });
  expect(error.cause).toBe(cause);
  expect(error.message).toBe(
    'the waiting directory C:\\wait of job 87 is not there. Check the path, the mount and the service account; documents wait and go on by themselves.',
  );
  expect(error.reason.message).toBe('the waiting directory C:\\wait of job 87 is not there');
});

test('an error without cause or job has neither', () => {
  const error = new LanceurError('ABORTED');
  expect(Object.keys(error)).not.toContain('job');
  expect(Object.hasOwn(error, 'cause')).toBe(false);
  expect(error.message).toBe('stopped on request');
});

test('a case can differ from its code in whether it heals', () => {
  expect(new LanceurError('ABORTED', undefined, { transient: false }).transient).toBe(false);
});

test('every code has the scope and the transience that its table says', () => {
  for (const code of Object.keys(CODES) as Code[]) {
    const error = new (LanceurError as unknown as new (code: Code) => LanceurError)(code);
    expect(error.scope).toBe(CODES[code].scope);
    expect(error.transient).toBe(CODES[code].transient);
  }
});

test('an error is known by what it is, from whichever copy of the library', () => {
  const error = new LanceurError('GONE', { name: 'a.pdf' });
  const copy = Object.assign(new Error('x'), { name: 'LanceurError', code: 'GONE', reason: error.reason });
  for (const known of [error, copy]) {
    expect(LanceurError.is(known)).toBe(true);
    expect(LanceurError.is(known, 'CHANGED', 'GONE')).toBe(true);
    expect(LanceurError.is(known, 'CHANGED')).toBe(false);
  }
  for (const other of [new Error('x'), { name: 'LanceurError', code: 'GONE' }, undefined, null, 'GONE']) {
    expect(LanceurError.is(other)).toBe(false);
  }
});

test('whatever was thrown has a message, and a reason', () => {
  const thrown: readonly (readonly [unknown, string])[] = [
    [new Error('disk on fire'), 'disk on fire'],
    [new TypeError(''), 'TypeError'],
    [Object.assign(new Error(''), { code: 'ECONNRESET' }), 'ECONNRESET'],
    [new AggregateError([new Error('first'), new Error('second')], ''), 'first'],
    [new AggregateError([], ''), 'AggregateError'],
    ['a text', 'a text'],
    ['', 'an empty text was thrown'],
    [undefined, 'undefined'],
    [Object.create(null), 'a value of type object was thrown'],
    [Symbol('s'), 'Symbol(s)'],
  ];
  for (const [value, message] of thrown) {
    expect(messageOf(value)).toBe(message);
    expect(reasonOf(value)).toMatchObject({ code: 'INTERNAL', data: { why: message } });
  }
});

test('the reason of a LanceurError is its own, without what to do', () => {
  const error = new LanceurError('TOO_BIG', { name: 'a.pdf', size: 7, limit: 5 });
  expect(reasonOf(error)).toBe(error.reason);
  expect(messageOf(error)).toBe('a.pdf has 7 bytes; at most 5 are taken');
});

test('a connection that was refused at every address says so', async () => {
  const lookup = (
    _host: string,
    _options: object,
    found: (e: null, all: { address: string; family: number }[]) => void,
  ) => {
    found(null, [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ]);
  };
  // Port 1 (tcpmux) is served by nobody; the two addresses make Node try both and gather the failures.
  const socket = connect({ host: 'nowhere.test', port: 1, lookup, autoSelectFamily: true });
  const [error] = (await once(socket, 'error').catch((e: unknown) => [e])) as [Error];
  expect(messageOf(error)).toMatch(/ECONNREFUSED|EADDRNOTAVAIL|ENETUNREACH|EAFNOSUPPORT/u);
});
