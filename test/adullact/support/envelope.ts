import {
  decodeEnvelope,
  type DecodeOptions,
  type Envelope,
  type EnvelopeInput,
  type MemoryFile,
} from '@lanceur/adullact';
import { afterEach } from 'vitest';
import { folders } from './folder.js';
import { PDF } from './samples.js';

/** Decodes, and closes after each test what was opened in it. */
export function decoder(): (input: EnvelopeInput, options?: DecodeOptions) => Promise<Envelope> {
  const newFolder = folders();
  const opened: Envelope[] = [];
  afterEach(async () => {
    for (const envelope of opened.splice(0)) await envelope.close();
  });
  return async (input, options) => {
    const envelope = await decodeEnvelope(input, { folder: await newFolder(), ...options });
    opened.push(envelope);
    return envelope;
  };
}

export const named = (name: string): MemoryFile => ({ name, content: PDF(name) });

export const codes = ({ issues }: Envelope): readonly string[] => issues.map(({ code }) => code);

export const roles = ({ documents }: Envelope): Readonly<Record<string, string>> =>
  Object.fromEntries(documents.map(({ name, role }) => [name, role]));
