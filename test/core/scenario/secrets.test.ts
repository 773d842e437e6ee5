import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inFrench, type LanceurError } from '@lanceur/core';
import { secretOf } from '@lanceur/core/scenario';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { replacerOf } from '../../../packages/core/dist/scenario/secrets.js';

let base = '';
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'lanceur-secrets-'));
});
afterEach(async () => {
  await rm(base, { recursive: true, force: true });
});

test('a secret in a variable is read whenever it is used, so that a new one is used from then on', async () => {
  const env: Record<string, string | undefined> = { PASSWORD: 'one ' };
  const secret = secretOf({ env: 'PASSWORD' }, env);
  expect(await secret()).toBe('one ');
  env['PASSWORD'] = 'two';
  expect(await secret()).toBe('two');
});

test.each([
  ['as it is', 'pass word', 'pass word'],
  ['with the line end of an editor', 'secret\n', 'secret'],
  ['as Notepad writes it', '\ufeffsecret\r\n', 'secret'],
  ['with blanks that belong to it', ' secret \n', ' secret '],
])('a secret in a file is read %s', async (_how, content, expected) => {
  const file = join(base, 'secret');
  await writeFile(file, content);
  expect(await secretOf({ file })()).toBe(expected);
});

test.each([
  ['empty', '\n', /the file is empty/],
  ['of several lines', 'a\nb\n', /the file has more than one line/],
  ['too big', 'x'.repeat(70_000), /the file is too big/],
])('a file that is %s is no secret, and is not shown', async (_how, content, why) => {
  const file = join(base, 'secret');
  await writeFile(file, content);
  await expect(secretOf({ file })()).rejects.toMatchObject({
    code: 'SECRET_MISSING',
    message: expect.stringMatching(why),
  });
});

test('one that is missing names the variable or the file, in both languages', async () => {
  const error: unknown = await secretOf({ env: 'NOT_SET' }, {})().catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'SECRET_MISSING', transient: true });
  const { reason } = error as LanceurError;
  expect(reason.message).toBe(
    'the secret in { "env": "NOT_SET" } cannot be had: the variable NOT_SET is not set',
  );
  expect(inFrench(reason)).toContain('la variable NOT_SET n’est pas définie');
  await expect(secretOf({ file: join(base, 'none') })()).rejects.toThrow(/cannot be read \(ENOENT\)/);
});

test('a token that the server has replaced takes the place of the old one in its file, and nothing else is left', async () => {
  const file = join(base, 'token');
  await writeFile(file, 'old\n');
  await replacerOf({ file })?.('new');
  expect(await secretOf({ file })()).toBe('new');
  expect(await readFile(file, 'utf8')).toBe('new');
  expect(await readdir(base)).toEqual(['token']);
  expect(replacerOf({ env: 'TOKEN' })).toBeUndefined();
});
