import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { LanceurError } from '../errors.js';
import type { SecretRef } from './secret-ref.js';
import { words, type Words } from './words.js';

/** Far more than any password, key or token has. */
const MOST_BYTES = 65_536;

/**
 * A function that gets the secret whenever it is called, so that a new one is used from then on: what the blocks take as
 * `password`, `token`, `clientSecret`.
 *
 * @param env - default: the process's own environment.
 */
export function secretOf(
  ref: SecretRef,
  env: Readonly<Record<string, string | undefined>> = process.env,
): () => Promise<string> {
  return async () => ('env' in ref ? fromEnvironment(ref.env, env) : await fromFile(ref.file));
}

/** Puts another secret into the file, whole or not at all; nowhere to put it for a variable. */
export function replacerOf(ref: SecretRef): ((secret: string) => Promise<void>) | undefined {
  if ('env' in ref) return undefined;
  return async (secret) => {
    const beside = `${ref.file}.${randomUUID()}`;
    try {
      const handle = await open(beside, 'wx', 0o600);
      try {
        await handle.writeFile(secret);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(beside, ref.file);
    } catch (error) {
      await rm(beside, { force: true }).catch(() => undefined);
      throw missing(placeOf(ref), cannot(error, words('cannot be written', 'ne peut être écrit')));
    }
  };
}

function fromEnvironment(name: string, env: Readonly<Record<string, string | undefined>>): string {
  const value = env[name];
  if (value !== undefined && value !== '') return value;
  throw missing(
    `{ "env": "${name}" }`,
    value === undefined
      ? words(`the variable ${name} is not set`, `la variable ${name} n’est pas définie`)
      : words(`the variable ${name} is empty`, `la variable ${name} est vide`),
  );
}

async function fromFile(file: string): Promise<string> {
  const place = placeOf({ file });
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw missing(place, cannot(error, words('cannot be read', 'ne peut être lu')));
  }
  if (bytes.length > MOST_BYTES)
    throw missing(
      place,
      words('the file is too big for a secret', 'le fichier est trop gros pour un secret'),
    );
  // Notepad begins a file with a byte order mark, and every editor ends one with a line end.
  const secret = bytes
    .toString('utf8')
    .replace(/^\ufeff/u, '')
    .replace(/\r?\n$/u, '');
  if (secret === '') throw missing(place, words('the file is empty', 'le fichier est vide'));
  if (/[\r\n\0]/u.test(secret))
    throw missing(place, words('the file has more than one line', 'le fichier a plus d’une ligne'));
  return secret;
}

function placeOf({ file }: { readonly file: string }): string {
  return `{ "file": ${JSON.stringify(file)} }`;
}

/** The system's code, never its message. */
function cannot(error: unknown, what: Words): Words {
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  return words(`the file ${what.en}${code}`, `le fichier ${what.fr}${code}`);
}

function missing(place: string, why: Words): LanceurError {
  return new LanceurError('SECRET_MISSING', { place, why: why.en, why_fr: why.fr });
}
