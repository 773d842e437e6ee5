import { actes, ACTES_KINDS } from './actes.js';
import { chorus, CHORUS_KINDS } from './chorus.js';
import { Draw } from './draw.js';
import type { Generated } from './generated.js';
import { helios, HELIOS_KINDS } from './helios.js';

export type { Generated } from './generated.js';

/** How an XML can be written. */
export const ENCODINGS = ['UTF-8', 'UTF-8 with a byte order mark', 'ISO-8859-1', 'UTF-16'] as const;

type Encoding = (typeof ENCODINGS)[number];

/** Every kind of message there is, each with what makes one of it. */
export const KINDS: ReadonlyMap<string, (seed: number) => Generated> = new Map([
  ...ACTES_KINDS.map((kind) => [kind, (seed: number) => actes(kind, new Draw(seed))] as const),
  ...HELIOS_KINDS.map((kind) => [kind, (seed: number) => helios(kind, new Draw(seed))] as const),
  ...CHORUS_KINDS.map((kind) => [kind, (seed: number) => chorus(kind, new Draw(seed))] as const),
]);

/** The bytes of an XML, with its declaration. */
export function encoded(xml: string, encoding: Encoding): Buffer {
  switch (encoding) {
    case 'UTF-8':
      return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}\n`);
    case 'UTF-8 with a byte order mark':
      return Buffer.from(`\ufeff<?xml version='1.0' encoding='utf-8' standalone="yes"?><!-- a < b -->${xml}`);
    case 'ISO-8859-1':
      return Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${xml}`, 'latin1');
    case 'UTF-16':
      return Buffer.from(`\ufeff<?xml version="1.0" encoding="UTF-16"?>${xml}`, 'utf16le');
  }
}
