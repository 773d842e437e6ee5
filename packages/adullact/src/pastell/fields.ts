import type { ActMessage, ActReceipt } from '../actes/fields.js';
import type { ChorusFields, Invoice, Party, Status } from '../chorus/fields.js';
import type { EnvelopeType } from '../envelope.js';
import type { PesHeader } from '../helios/fields.js';
import type { ReadMessage } from '../messages.js';
import { sirenIn } from '../values.js';
import { present } from '../xml/element.js';
import type { MatchedFile } from './match.js';

/** What a deposit says in which no XML does: its metadata, under the names that the messages have for it. */
export function fieldsOfDeposit(
  type: EnvelopeType,
  data: Readonly<Record<string, string>>,
  matched: readonly MatchedFile[],
  messages: readonly ReadMessage[],
): ActMessage | PesHeader | ChorusFields {
  const value = (...names: readonly string[]) =>
    // `_1`: of a dossier of the Studio that has the step twice.
    names.map((n) => (data[n] ?? data[`${n}_1`])?.trim()).find((v) => v !== undefined && v !== '');
  switch (type) {
    case 'acte_nature':
      return actOf(value, matched, receiptOf(value('numero_de_lacte'), messages));
    case 'helios':
      return pesOf(value);
    case 'chorus_fact':
      return chorusOf(value);
  }
}

type Value = (...names: readonly string[]) => string | undefined;

/** The receipt of that act: it alone says whose act it is. */
function receiptOf(number: string | undefined, messages: readonly ReadMessage[]): ActReceipt | undefined {
  for (const { decoded } of messages) {
    if (decoded.kind === 'ARActe' && decoded.fields.number === number) return decoded.fields;
  }
  return undefined;
}

/** actes-generique and its like. `classification` is `8.5 Politique de la ville`. */
function actOf(value: Value, matched: readonly MatchedFile[], receipt: ActReceipt | undefined): ActMessage {
  const number = value('numero_de_lacte');
  const date = value('date_de_lacte');
  const matter = /^\d+(?:\.\d+)*/u.exec(value('classification') ?? '')?.[0];
  return present<ActMessage>({
    actId: receipt?.actId,
    department: receipt?.department,
    siren: value('siren') ?? receipt?.siren,
    date,
    number,
    natureAbbreviation: NATURES[value('acte_nature') ?? ''],
    act: present<ActMessage['act']>({
      number,
      date,
      nature: value('acte_nature'),
      subject: value('objet'),
      matters: matter?.split('.') ?? [],
      matter,
      classificationDate: undefined,
      previousActId: undefined,
      document: matched.find(({ role }) => role === 'act')?.name,
      annexes: matched.filter(({ role }) => role === 'annex').map(({ name }) => name),
      paper: value('document_papier'),
    }),
  });
}

/** `CodeNatureActe` of the schema of Actes, and the abbreviations of its classification. */
const NATURES: Readonly<Record<string, string>> = { 1: 'DE', 2: 'AR', 3: 'AI', 4: 'CC', 5: 'BF', 6: 'AU' };

/** helios-generique and its like: what Pastell has read from the PES. */
function pesOf(value: Value): PesHeader {
  const siret = value('id_coll');
  return present<PesHeader>({
    fileName: value('objet'),
    date: value('dte_str'),
    siret,
    siren: sirenIn(siret),
    budgetCode: value('cod_bud'),
  });
}

/** facture-cpp, facture-chorus-fournisseur and their like. */
function chorusOf(value: Value): ChorusFields {
  const invoice = present<Invoice>({
    number: value('no_facture', 'numero_facture'),
    chorusId: value('id_facture_cpp', 'identifiant_facture_cpp'),
    type: value('type_facture', 'facture_type'),
    frame: value('facture_cadre', 'cadre_facturation'),
    issueDate: value('date_facture'),
    receptionDate: value('date_depot', 'facture_date_reception'),
    currency: value('facture_devise', 'code_devise_facture'),
    amountExclTax: value('facture_montant_ht', 'montant_ht_total'),
    taxAmount: value('montant_tva'),
    amountInclTax: value('montant_ttc', 'montant_ttc_avant_remise_global_ttc'),
    amountPayable: value('facture_montant_net', 'montant_a_payer'),
    taxes: [],
    contractNumber: value('facture_numero_marche'),
    commitmentNumber: value('facture_numero_engagement', 'numero_bon_commande'),
    supplier: partyOf(value('fournisseur', 'code_fournisseur'), {
      idType: value('type_identifiant', 'fournisseur_type_id'),
      name: value('fournisseur_raison_sociale'),
    }),
    debtor: partyOf(value('siret', 'code_destinataire'), {
      service: value('service_destinataire_code', 'code_service_executant'),
    }),
    lines: [],
    attachments: [],
    history: [],
  });
  const label = value('statut_cpp', 'statut_facture');
  const status = present<Status>({ label, at: value('date_passage_statut'), errors: [] });
  return { invoices: [invoice], statuses: label === undefined ? [] : [status] };
}

function partyOf(id: string | undefined, more: { readonly [K in keyof Party]: Party[K] | undefined }): Party {
  return present<Party>({ id, siren: sirenIn(id), ...more });
}
