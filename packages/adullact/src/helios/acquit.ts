import type { Checks } from '../xml/checks.js';
import { childrenOf, present, type XmlElement } from '../xml/element.js';
import type { AcquitElement, AcquitError } from './fields.js';
import { value } from './values.js';

/** `ElementACQUIT`, of both versions: the first has the error in the element itself. */
export function acquitElementOf(element: XmlElement, checks: Checks): AcquitElement {
  const state = value(element, 'EtatAck');
  checks.required('ElementACQUIT/EtatAck', state);
  checks.like('ElementACQUIT/EtatAck', state, /^(?:[01]|true|false)$/u);
  checks.like('ElementACQUIT/DomaineAck', value(element, 'DomaineAck'), /^(?:\d|1[0-2]|99)$/u);
  const own = errorOf(element, { piece: value(element, 'NumPiece'), line: value(element, 'NumLigne') });
  return present<AcquitElement>({
    domain: value(element, 'DomaineAck'),
    accepted: state === '1' || state === 'true',
    exercise: value(element, 'ExerciceBord'),
    bordereau: value(element, 'NumBord'),
    contractNumber: value(element, 'IdMarche'),
    attachmentId: value(element, 'IdUnique'),
    errors: [
      ...(own.code === undefined && own.message === undefined ? [] : [own]),
      ...errorsIn(element, {}),
      ...childrenOf(element, 'DetailPiece').flatMap((piece) => {
        const where = { piece: value(piece, 'NumPiece') };
        return [
          ...errorsIn(piece, where),
          ...childrenOf(piece, 'DetailLigne').flatMap((line) =>
            errorsIn(line, { ...where, line: value(line, 'NumLigne') }),
          ),
        ];
      }),
    ],
  });
}

interface Where {
  readonly piece?: string | undefined;
  readonly line?: string | undefined;
}

function errorsIn(element: XmlElement, where: Where): readonly AcquitError[] {
  return childrenOf(element, 'Erreur').map((error) => errorOf(error, where));
}

function errorOf(element: XmlElement, { piece, line }: Where): AcquitError {
  return present<AcquitError>({
    piece,
    line,
    code: value(element, 'NumAnoAck'),
    message: value(element, 'LibelleAnoAck'),
  });
}
