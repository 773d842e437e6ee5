/**
 * What the messages of Actes say (schema `actesv1_1.xsd`, namespace `http://www.interieur.gouv.fr/ACTES#v1.1-20040216`).
 * Everything is text, as it stands: a SIREN keeps its zeros, a nature of 999 is reported and read.
 */
export interface ActesFields {
  readonly EnveloppeCLMISILL: FromAuthority;
  readonly EnveloppeMISILLCL: FromPrefecture;
  readonly AnomalieEnveloppe: EnvelopeAnomaly;
  readonly Acte: ActMessage;
  readonly ARActe: ActReceipt;
  readonly AnomalieActe: ActAnomaly;
  readonly CourrierSimple: Letter;
  readonly ReponseCourrierSimple: Letter;
  readonly DemandePieceComplementaire: Letter;
  readonly ARDemandePieceComplementaire: Letter;
  readonly RefusPieceComplementaire: Letter;
  readonly PieceComplementaire: Letter;
  readonly ARPieceComplementaire: Letter;
  readonly LettreObservations: Letter;
  readonly ARLettreObservations: Letter;
  readonly RejetLettreObservations: Letter;
  readonly ReponseLettreObservations: Letter;
  readonly ARReponseRejetLettreObservations: Letter;
  readonly DefereTA: CourtReferral;
  readonly Annulation: Cancellation;
  readonly ARAnnulation: Cancellation;
  readonly DemandeClassification: ClassificationDate;
  readonly ReponseClassificationSansChangement: ClassificationDate;
  readonly RetourClassification: Classification;
}

/** The messages, by the names of their root elements. */
export type ActesKind = keyof ActesFields;

/** Which act a message is about: by its `IDActe`, else by the name of the file. Absent parts are not said anywhere. */
export interface ActReference {
  /** `IDActe`, whole: `034-491011698-20171207-CL20171227_06-DE`. */
  readonly actId?: string;
  /** Three characters: `034`, `02A`. */
  readonly department?: string;
  /** Of the local authority. */
  readonly siren?: string;
  /** Of the decision ("date de décision"), YYYY-MM-DD. */
  readonly date?: string;
  /** "Numéro interne": the authority's own number for it. */
  readonly number?: string;
  /** Two letters: `DE` délibération, `AR` arrêté réglementaire, `AI` arrêté individuel, `CC` contrat, `BF` budget, `AU` autre. */
  readonly natureAbbreviation?: string;
}

/** What the authority says about an act (`DonneesActe`). */
export interface Act {
  /** "Numéro interne". */
  readonly number?: string;
  /** "Date de décision", YYYY-MM-DD. */
  readonly date?: string;
  /** `CodeNatureActe`: 1 délibération, 2 arrêté réglementaire, 3 arrêté individuel, 4 contrat, 5 budget, 6 autre. */
  readonly nature?: string;
  /** "Objet". */
  readonly subject?: string;
  /** `CodeMatiere1` to `CodeMatiere5`: `['3', '2']`. */
  readonly matters: readonly string[];
  /** The same in one, as it is usually written: `3.2`. */
  readonly matter?: string;
  /** Of the classification that the codes are from, YYYY-MM-DD. */
  readonly classificationDate?: string;
  /** `IDActe` of the act that this one replaces or completes. */
  readonly previousActId?: string;
  /** The file of the act. */
  readonly document?: string;
  /** The files of its annexes. */
  readonly annexes: readonly string[];
  /** Whether further documents follow on paper, as it is said: `O`, `N`, `1`, `0`. */
  readonly paper?: string;
}

export interface Contact {
  readonly name?: string;
  readonly telephone?: string;
  readonly email?: string;
}

/** `EnveloppeCLMISILL`: from a local authority to its prefecture. */
export interface FromAuthority {
  readonly siren?: string;
  readonly department?: string;
  readonly arrondissement?: string;
  /** Kind of authority, two digits: 31 = commune. */
  readonly authorityNature?: string;
  readonly contact?: Contact;
  readonly returnAddresses: readonly string[];
  /** The messages that travel with it. */
  readonly messages: readonly string[];
}

/** `EnveloppeMISILLCL`: from a prefecture to a local authority. */
export interface FromPrefecture {
  /** SIREN of the local authority that it is for. */
  readonly siren?: string;
  /** Who sends: `IDSGAR`, `IDPref` or `IDSousPref`. */
  readonly office?: string;
  readonly department?: string;
  readonly arrondissement?: string;
  readonly contact?: Contact;
  readonly messages: readonly string[];
}

/** `AnomalieEnveloppe`: an envelope was refused as a whole. */
export interface EnvelopeAnomaly {
  readonly anomalyDate?: string;
  /** Three digits. */
  readonly anomalyNature?: string;
  readonly detail?: string;
  /** The envelope that was refused. */
  readonly received: FromAuthority;
}

/** `Acte`: an act is sent. What the message does not say itself is read from the name of its file. */
export interface ActMessage extends ActReference {
  readonly act: Act;
}

/** `ARActe`: the prefecture has received an act. */
export interface ActReceipt extends ActReference {
  readonly receptionDate?: string;
  readonly act: Act;
  /** Of the classification in force, YYYY-MM-DD. */
  readonly currentClassificationDate?: string;
}

/** `AnomalieActe`: an act was refused. */
export interface ActAnomaly extends ActReference {
  readonly anomalyDate?: string;
  /** Three digits, by the schema; other text has been seen. */
  readonly anomalyNature?: string;
  readonly detail?: string;
  readonly act: Act;
  readonly currentClassificationDate?: string;
}

/** A letter of the prefecture about an act, an answer to one, or the receipt of either. */
export interface Letter extends ActReference {
  /** Of the prefecture's letter ("date du courrier de la préfecture"), YYYY-MM-DD. */
  readonly letterDate?: string;
  /** In a receipt: when the answer arrived. */
  readonly receptionDate?: string;
  /** `DescriptionPieces`: what a request for further documents asks for. */
  readonly description?: string;
  /** `Motif` of a letter of observations. */
  readonly motive?: string;
  /** The files that it is made of. */
  readonly documents: readonly string[];
}

/** `DefereTA`: the prefecture refers an act to the administrative court. */
export interface CourtReferral extends ActReference {
  readonly filingDate?: string;
  readonly illegality?: string;
  readonly documents: readonly string[];
}

/** `Annulation` and its receipt: an act is withdrawn. */
export interface Cancellation extends ActReference {
  readonly receptionDate?: string;
}

export interface ClassificationDate {
  readonly classificationDate?: string;
}

/** `RetourClassification`: the codes in force. */
export interface Classification extends ClassificationDate {
  readonly natures: readonly NatureCode[];
  readonly matters: readonly MatterCode[];
}

export interface NatureCode {
  readonly code?: string;
  readonly label?: string;
  readonly abbreviation?: string;
  /** Kinds of document that an act of this nature may have ("typologie des pièces"): `99_DE`. */
  readonly documentTypes: readonly { readonly code?: string; readonly label?: string }[];
}

export interface MatterCode {
  /** Of its level alone: the second level of `3.2` is `2`. */
  readonly code?: string;
  readonly label?: string;
  readonly matters: readonly MatterCode[];
}
