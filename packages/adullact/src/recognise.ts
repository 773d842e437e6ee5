import { LanceurError } from '@lanceur/core';
import type { EnvelopeType } from './envelope.js';
import { withoutStep } from './pastell/roles.js';

/** By what the metadata of a deposit tells its type: Pastell never states it. `*` stands for anything; case does not matter. */
export interface Recognition {
  readonly type: EnvelopeType;
  /**
   * Names of fields, of which one is enough: `['acte_nature', '*helios*']`. The number that Pastell's Studio puts behind
   * them where a dossier has a step twice (`acte_nature_1`) does not matter.
   */
  readonly keys: readonly string[];
  /** What a manifest says in `<flux type="…">`: `['helios-*']`. Default none. */
  readonly flux?: readonly string[];
}

/** What is recognised unless told otherwise. The first that fits counts. */
export const DEFAULT_RECOGNITION: readonly Recognition[] = [
  {
    type: 'acte_nature',
    keys: [
      'acte_nature',
      'envoi_tdt_actes',
      'aractes',
      'fichier_acte',
      'numero_de_lacte',
      'acte_unique_id',
      'acte_tamponne',
    ],
    flux: ['actes-*', 'ls-actes*', 'ls-recup-actes*'],
  },
  {
    type: 'helios',
    keys: ['*helios*', 'fichier_pes', 'fichier_pes_signe', 'pes_aller', 'pes_acquit', 'pes_etat_ack'],
    flux: ['helios-*', 'ls-helios*', 'pes-*', 'ls-pes-*', 'ls-recup-pes*'],
  },
  {
    type: 'chorus_fact',
    keys: [
      '*chorus_fact*',
      'id_facture_cpp',
      'identifiant_facture_cpp',
      'fichier_facture',
      'fichier_facture_pdf',
      'facture_pj_01',
      'histo_statut_cpp',
      'fichier_statut_facture',
    ],
    flux: ['facture-cpp', 'facture-chorus-*', 'facture-formulaire-pivot', 'statut-facture-cpp'],
  },
];

export interface Recogniser {
  /** The type, and the words by which it was told. */
  recognise(
    keys: readonly string[],
    flux?: string,
  ): { readonly type: EnvelopeType; readonly by: string } | undefined;
}

const TYPES: readonly string[] = ['acte_nature', 'helios', 'chorus_fact'] satisfies readonly EnvelopeType[];

/** @throws LanceurError `INVALID_OPTION`. */
export function recogniserOf(table: readonly Recognition[]): Recogniser {
  const rules = table.map(({ type, keys, flux = [] }) => {
    if (!TYPES.includes(type)) {
      throw new LanceurError('INVALID_OPTION', {
        option: 'recognise[].type',
        expected: `one of ${TYPES.join(', ')}`,
        found: JSON.stringify(type),
      });
    }
    const isName = matcher(keys);
    return { type, isKey: (key: string) => isName(key) || isName(withoutStep(key)), isFlux: matcher(flux) };
  });
  return {
    recognise(keys, flux) {
      for (const { type, isKey, isFlux } of rules) {
        if (flux !== undefined && isFlux(flux)) return { type, by: `its flux ${flux}` };
        const key = keys.find(isKey);
        if (key !== undefined) return { type, by: `its field ${key}` };
      }
      return undefined;
    },
  };
}

function matcher(globs: readonly string[]): (text: string) => boolean {
  const names = new Set(globs.filter((glob) => !glob.includes('*')).map((name) => name.toLowerCase()));
  const patterns = globs
    .filter((glob) => glob.includes('*'))
    .map(
      (glob) => new RegExp(`^${glob.replace(/[\\^$.+?()[\]{}|]/gu, '\\$&').replace(/\*+/gu, '.*')}$`, 'isu'),
    );
  return (text) => names.has(text.toLowerCase()) || patterns.some((pattern) => pattern.test(text));
}
