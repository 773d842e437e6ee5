import { LanceurError } from '@lanceur/core';
import { admit } from './admit.js';
import type { Draft } from './draft.js';
import type { Envelope } from './envelope.js';
import { openInput, type EnvelopeInput } from './input.js';
import { openStore } from './opened-store.js';
import { settingsOf, type ReadingOptions } from './options.js';
import { readFile } from './read-file.js';
import { readSet } from './read-set.js';
import { Total } from './total.js';

export interface DecodeOptions extends ReadingOptions {
  /**
   * A folder on a local disk, in which a private one is made for what has to be unpacked. Default: the system's
   * temporary directory. A launcher's expander uses the launcher's spool instead.
   */
  readonly folder?: string;
  readonly signal?: AbortSignal;
}

/**
 * Reads an envelope: a Pastell deposit, an @ctes archive, an XML of Actes, Helios or Chorus Pro.
 *
 * ```ts
 * const envelope = await decodeEnvelope('F:/depots/DB_245_2022.zip');
 * if (envelope.type === 'chorus_fact') console.log(envelope.fields.invoices[0]?.number);
 * for (const { name, role } of envelope.documents) console.log(role, name);
 * await envelope.close();
 * ```
 *
 * Whatever can be read is read; what is odd about it is in `issues`.
 *
 * @throws LanceurError `NOT_AN_ENVELOPE`; `ENVELOPE_DAMAGED`, `ENVELOPE_UNSAFE`, `ENVELOPE_TOO_BIG`, `ENVELOPE_ODD` (see
 *   {@link ReadingOptions.refuse}); `DOCUMENT_UNREADABLE`, `SPOOL_FAILED`, `INVALID_OPTION`, `UNKNOWN_OPTION`, `ABORTED`.
 */
export async function decodeEnvelope(input: EnvelopeInput, options: DecodeOptions = {}): Promise<Envelope> {
  const { folder, signal } = options;
  const settings = settingsOf('decodeEnvelope', options, ['folder', 'signal']);
  if (signal?.aborted === true) throw new LanceurError('ABORTED');
  const { store, close } = openStore(folder, signal);
  try {
    const opened = await openInput(input, store, settings.limits);
    const reading = { settings, store, signal, total: new Total() };
    const { name } = opened;
    const found =
      'file' in opened ? await readFile(opened.file, reading) : await readSet(opened.set, reading);
    if ('not' in found) throw new LanceurError('NOT_AN_ENVELOPE', { name, why: found.not });
    const [envelope, ...others] = found;
    if (envelope === undefined || others.length > 0) {
      throw new LanceurError('NOT_AN_ENVELOPE', { name, why: severalIn(found) });
    }
    admit(envelope, name, settings);
    // That type, kind and fields belong together, the compiler has checked where they come from.
    return { ...envelope, name, close, [Symbol.asyncDispose]: close } as Envelope;
  } catch (error) {
    await close();
    throw error;
  }
}

const MOST_TOLD = 5;

function severalIn(drafts: readonly Draft[]): string {
  const paths = drafts.slice(0, MOST_TOLD).map(({ path = '' }) => path);
  const more = drafts.length > MOST_TOLD ? ', …' : '';
  return `it holds ${String(drafts.length)} envelopes (${paths.join(', ')}${more}): unpack it and read each by itself, as \`envelopes()\` does in a launcher`;
}
