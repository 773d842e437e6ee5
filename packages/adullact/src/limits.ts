import { LanceurError, refuseUnknownOptions } from '@lanceur/core';

/** What is taken of an envelope at most. More is an error that names the limit: never a part of it, silently. */
export interface Limits {
  /** Bytes of one attachment of a Chorus Pro invoice, decoded. Default 10 MiB (Chorus Pro's own limit is 10 MB). */
  readonly chorusAttachmentBytes: number;
  /** Bytes of a Chorus Pro flow, as it travels. Default 120 MiB (Chorus Pro: 120 MB an invoice). */
  readonly chorusBytes: number;
  /** Bytes of a PES file, as it travels. Default 128 MiB (DGFiP: 128 MB). */
  readonly pesBytes: number;
  /** Bytes of an Actes archive, as it travels. Default 150 MiB (cahier des charges Actes: 150 MB). */
  readonly actesBytes: number;
  /** Bytes of all that comes out of one envelope. Default 1 GiB. */
  readonly expandedBytes: number;
  /**
   * How many times larger than its packed form an entry or an attachment may become. Default 200: a PDF or an XML
   * stays far below, a bomb is a thousand and more. Not asked of what is smaller than 1 MiB.
   */
  readonly ratio: number;
  /** Files in an archive or a deposit, attachments in an XML. Default 10,000. */
  readonly entries: number;
  /** Folders in folders, elements in elements. Default 64. */
  readonly depth: number;
  /** Bytes of an XML, its attachments' content apart: that much is held in memory, several times. Default 64 MiB. */
  readonly xmlBytes: number;
  /** Bytes of text between the tags of an XML, its attachments' content apart: the parser takes 40 times as much. Default 8 MiB. */
  readonly textBytes: number;
  /** Elements and attributes of an XML, its attachments' content apart. Default 2,000,000. */
  readonly nodes: number;
}

const MIB = 1024 * 1024;

/** The limits of the regulations, and what no honest envelope comes near. */
export const DEFAULT_LIMITS: Limits = {
  chorusAttachmentBytes: 10 * MIB,
  chorusBytes: 120 * MIB,
  pesBytes: 128 * MIB,
  actesBytes: 150 * MIB,
  expandedBytes: 1024 * MIB,
  ratio: 200,
  entries: 10_000,
  depth: 64,
  xmlBytes: 64 * MIB,
  textBytes: 8 * MIB,
  nodes: 2_000_000,
};

/** @throws LanceurError `UNKNOWN_OPTION`, `INVALID_OPTION` for what is not a number from 1 up. */
export function limitsOf(limits: Partial<Limits> = {}): Limits {
  refuseUnknownOptions('limits', limits, Object.keys(DEFAULT_LIMITS));
  for (const [name, value] of Object.entries(limits)) {
    if (typeof value === 'number' && value >= 1) continue;
    throw new LanceurError('INVALID_OPTION', {
      option: `limits.${name}`,
      expected: 'a number from 1 up',
      found: String(value),
    });
  }
  return { ...DEFAULT_LIMITS, ...limits };
}
