import { flat } from '../xml/flat.js';
import type { HeliosFields, HeliosKind, PesAcquit, PesAller, PesRetour } from './fields.js';
import type {
  AttachmentLinks,
  ContractCensus,
  EnsuDocuments,
  Fctva,
  Outstanding,
  PublishedContracts,
} from './returned-fields.js';

/** The fields as flat text, by the names that they have in `fields`. */
export function attributesOf<K extends HeliosKind>(
  kind: K,
  fields: HeliosFields[K],
): Readonly<Record<string, string>> {
  const header = flat({
    kind,
    fileType: fields.fileType,
    fileName: fields.fileName,
    sender: fields.sender,
    date: fields.date,
    office: fields.office,
    officeName: fields.officeName,
    siret: fields.siret,
    siren: fields.siren,
    authorityCode: fields.authorityCode,
    budgetCode: fields.budgetCode,
    budgetName: fields.budgetName,
  });
  return { ...header, ...more(kind, fields) };
}

function more(kind: HeliosKind, fields: HeliosFields[HeliosKind]): Readonly<Record<string, string>> {
  switch (kind) {
    case 'PES_Aller':
      return ofAller(fields as PesAller);
    case 'PES_Retour': {
      const { restitution, bordereaux } = fields as PesRetour;
      return flat({ restitution, ...ofBordereaux(bordereaux) });
    }
    case 'PES_ACQUIT': {
      const { accepted, elements } = fields as PesAcquit;
      return flat({
        accepted,
        exercises: elements.map((e) => e.exercise),
        bordereaux: elements.map((e) => e.bordereau),
        errors: elements.flatMap((e) => e.errors.map((error) => error.message ?? error.code)),
      });
    }
    case 'PES_ACQUIT_RETOUR':
      return {};
    case 'ENSUDocuments': {
      const { edition, notices } = fields as EnsuDocuments;
      return flat({
        edition,
        offices: notices.map((notice) => notice.office),
        thirdParties: notices.map((notice) => notice.address[0]),
        amounts: notices.map((notice) => notice.amount),
        subjects: notices.map((notice) => notice.subject),
        attachments: notices.length,
      });
    }
    case 'liensPj': {
      const { exercise, links } = fields as AttachmentLinks;
      return flat({ exercises: [exercise], bordereaux: links.map((link) => link.object) });
    }
    case 'FCTVA': {
      const { budgets } = fields as Fctva;
      const pieces = budgets.flatMap((budget) => budget.pieces);
      return flat({
        budgets: budgets.map((budget) => budget.name),
        sirets: budgets.map((budget) => budget.siret),
        exercises: budgets.flatMap((budget) => budget.exercises.map(({ exercise }) => exercise)),
        pieces: pieces.map((piece) => piece.number),
        subjects: pieces.map((piece) => piece.subject),
      });
    }
    case 'PosteComptable': {
      const { pieces } = fields as Outstanding;
      return flat({
        exercises: pieces.map((piece) => piece.exercise),
        bordereaux: pieces.map((piece) => piece.bordereau),
        pieces: pieces.map((piece) => piece.number),
        thirdParties: pieces.flatMap((piece) => piece.lines.map((line) => line.debtor.name)),
      });
    }
    case 'marches': {
      const { contracts } = fields as PublishedContracts;
      return flat({
        contracts: contracts.map((contract) => contract.id),
        buyers: contracts.flatMap((contract) => contract.buyers.map((buyer) => buyer.id)),
        holders: contracts.flatMap((contract) => contract.holders.map((holder) => holder.name)),
        subjects: contracts.map((contract) => contract.subject),
      });
    }
    case 'fiches': {
      const { contracts } = fields as ContractCensus;
      return flat({
        contracts: contracts.map((contract) => contract.id),
        buyers: contracts.map((contract) => contract.buyer),
        holders: contracts.map((contract) => contract.holder),
      });
    }
  }
}

function ofAller(fields: PesAller): Readonly<Record<string, string>> {
  const { bordereaux, bills, contracts, attachments, signed } = fields;
  const individual = bills.flatMap((run) => run.bills);
  return flat({
    ...ofBordereaux(bordereaux),
    bills: individual.map((bill) => bill.number),
    debtors: individual.map((bill) => bill.debtor?.name),
    contracts: contracts.map((contract) => contract.id),
    holders: contracts.flatMap((contract) => contract.holders.map((holder) => holder.name)),
    subjects: [
      ...bordereaux.flatMap((b) => b.pieces.map((piece) => piece.subject)),
      ...individual.map((bill) => bill.subject),
      ...contracts.map((contract) => contract.subject),
    ],
    attachments: attachments.length,
    signed,
  });
}

function ofBordereaux(
  bordereaux: PesAller['bordereaux'],
): Readonly<Record<string, readonly (string | undefined)[]>> {
  const pieces = bordereaux.flatMap((b) => b.pieces);
  const lines = pieces.flatMap((piece) => piece.lines);
  const thirdParties = lines.flatMap((line) => line.thirdParties);
  return {
    flows: bordereaux.map((b) => b.flow),
    exercises: bordereaux.map((b) => b.exercise),
    bordereaux: bordereaux.map((b) => b.number),
    bordereauDates: bordereaux.map((b) => b.date),
    amountsExclTax: bordereaux.map((b) => b.amountExclTax),
    pieces: pieces.map((piece) => piece.number),
    states: pieces.map((piece) => piece.state),
    thirdParties: thirdParties.map((party) => party.name),
    thirdPartyIds: thirdParties.map((party) => party.id),
    contractNumbers: lines.map((line) => line.contractNumber),
    invoiceNumbers: [...pieces, ...lines].map((one) => one.invoiceNumber),
  };
}
