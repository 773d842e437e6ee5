import { flat } from '../xml/flat.js';
import type { ActesFields, ActesKind, Classification } from './fields.js';

const NATURES: ReadonlyMap<string, string> = new Map([
  ['1', 'Délibérations'],
  ['2', 'Actes réglementaires'],
  ['3', 'Actes individuels'],
  ['4', 'Contrats, conventions et avenants'],
  ['5', 'Documents budgétaires et financiers'],
  ['6', 'Autres'],
]);

/** The fields as flat text, by the names that they have in `fields`. */
export function attributesOf<K extends ActesKind>(
  kind: K,
  fields: ActesFields[K],
): Readonly<Record<string, string>> {
  const all: Partial<UnionToIntersection<ActesFields[ActesKind]>> = fields;
  const { act, received, messages } = all;
  return flat({
    kind,
    actId: all.actId,
    department: all.department ?? received?.department,
    siren: all.siren ?? received?.siren,
    number: act?.number ?? all.number,
    date: act?.date ?? all.date,
    nature: act?.nature,
    natureName: NATURES.get(act?.nature ?? ''),
    natureAbbreviation: all.natureAbbreviation,
    subject: act?.subject,
    matter: act?.matter,
    classificationDate: act?.classificationDate ?? (fields as Partial<Classification>).classificationDate,
    previousActId: act?.previousActId,
    receptionDate: all.receptionDate,
    letterDate: all.letterDate,
    filingDate: all.filingDate,
    illegality: all.illegality,
    description: all.description,
    motive: all.motive,
    anomalyDate: all.anomalyDate,
    anomalyNature: all.anomalyNature,
    detail: all.detail,
    messages: messages ?? received?.messages,
  });
}

type UnionToIntersection<U> = (U extends unknown ? (value: U) => void : never) extends (
  value: infer I,
) => void
  ? I
  : never;
