import type {
  AttachmentLinks,
  ContractCensus,
  EnsuDocuments,
  Fctva,
  Outstanding,
  PublishedContracts,
} from './returned-fields.js';

/**
 * What the files of Helios say (DGFiP, schemas PES V2 rev0). Everything is text, as it stands in `@V`: identifiers
 * keep their zeros, amounts their decimals. Those after PES_ACQUIT_RETOUR are what the DGFiP gives back beside PES, each by
 * a schema of its own.
 */
export interface HeliosFields {
  readonly PES_Aller: PesAller;
  readonly PES_ACQUIT: PesAcquit;
  readonly PES_Retour: PesRetour;
  readonly PES_ACQUIT_RETOUR: PesAcquitRetour;
  readonly ENSUDocuments: EnsuDocuments;
  readonly liensPj: AttachmentLinks;
  readonly FCTVA: Fctva;
  readonly PosteComptable: Outstanding;
  readonly marches: PublishedContracts;
  readonly fiches: ContractCensus;
}

/** The files, by the names of their root elements. */
export type HeliosKind = keyof HeliosFields;

/** `Enveloppe` and `EnTetePES`: who sends, and which budget of which authority it concerns. */
export interface PesHeader {
  /** `TypFic`: `PESALR2`, `PESRETOUR_DEP`. */
  readonly fileType?: string;
  /** `NomFic`. */
  readonly fileName?: string;
  /** Of the program that wrote it: `Sigle`, `Adresse`. */
  readonly sender?: string;
  readonly senderAddress?: string;
  readonly recipient?: string;
  readonly recipientAddress?: string;
  /** `DteStr`: when it was made, YYYY-MM-DD. */
  readonly date?: string;
  /** `IdPost`: the number of the accounting office ("codique"). */
  readonly office?: string;
  readonly officeName?: string;
  /** `IdColl`: SIRET of the authority or of its budget. */
  readonly siret?: string;
  /** The first nine digits of the SIRET. */
  readonly siren?: string;
  /** `FinJur`: FINESS number of a hospital. */
  readonly finess?: string;
  /** `CodCol`, three digits. */
  readonly authorityCode?: string;
  /** `CodBud`, two digits. */
  readonly budgetCode?: string;
  /** `LibelleColBud`. */
  readonly budgetName?: string;
}

/** `PES_Aller`: from the authority to its accounting office. */
export interface PesAller extends PesHeader {
  /** `PES_DepenseAller` and `PES_RecetteAller`, in the order of the file. */
  readonly bordereaux: readonly Bordereau[];
  /** `PES_Facture` (ASAP). */
  readonly bills: readonly BillRun[];
  /** `PES_Marche`: `Marche` and `Concession`. */
  readonly contracts: readonly Contract[];
  /** `PES_PJ`. */
  readonly attachments: readonly PesAttachment[];
  /** All `PJRef`, wherever they stand. */
  readonly references: readonly AttachmentReference[];
  /** Whether it, or a bordereau of it, carries a signature (XAdES). Not whether that is valid. */
  readonly signed: boolean;
}

export interface Bordereau {
  readonly flow: 'depense' | 'recette';
  /** `Exer`: the year of the budget. */
  readonly exercise?: string;
  /** `IdBord`. */
  readonly number?: string;
  /** `DteBordEm`, YYYY-MM-DD. */
  readonly date?: string;
  /** `TypBord`, two digits. */
  readonly type?: string;
  /** `Objet`, of a recette. */
  readonly subject?: string;
  /** `NbrPce`, as it is said. */
  readonly pieceCount?: string;
  /** `MtCumulAnnuel`. */
  readonly cumulativeAmount?: string;
  /** `MtBordHT`. */
  readonly amountExclTax?: string;
  /** `MtBordTVA`. */
  readonly taxAmount?: string;
  readonly signed: boolean;
  readonly pieces: readonly Piece[];
}

/** A mandat (dépense) or a titre (recette). */
export interface Piece {
  /** `IdPce`. */
  readonly number?: string;
  /** `TypPce`, two digits. */
  readonly type?: string;
  /** `NatPce`, two digits. */
  readonly nature?: string;
  /** `Obj`, `ObjPce`. */
  readonly subject?: string;
  /** `CodServ`. */
  readonly service?: string;
  /** `DteEch`, YYYY-MM-DD. */
  readonly dueDate?: string;
  /** Of Chorus Pro: `NumeroFacture`, `NumeroMarche`, `NumeroEngagement`, of a recette. */
  readonly invoiceNumber?: string;
  readonly contractNumber?: string;
  readonly commitmentNumber?: string;
  readonly lines: readonly PieceLine[];
  readonly references: readonly AttachmentReference[];
  /** Of a PES_Retour: `EtatPce`, and what the accounting office says to it. */
  readonly state?: string;
  readonly stateRemark?: string;
  readonly comment?: string;
  /** `DtePcePec`: when it was taken over, YYYY-MM-DD. */
  readonly acceptedOn?: string;
  /** `DtePceRej`: when it was rejected, YYYY-MM-DD. */
  readonly rejectedOn?: string;
}

export interface PieceLine {
  /** `IdLigne`. */
  readonly number?: string;
  /** `Nature`: account. */
  readonly account?: string;
  /** `Fonction`. */
  readonly function?: string;
  /** `Operation`. */
  readonly operation?: string;
  /** `LibVir1` and `LibVir2`, or `ObjLignePce`. */
  readonly label?: string;
  /** `Facture`: the number of the invoice that is paid. */
  readonly invoiceNumber?: string;
  /** `IdMarche`. */
  readonly contractNumber?: string;
  /** `ModRegl`, two digits. */
  readonly paymentMode?: string;
  /** `MtHT`. */
  readonly amountExclTax?: string;
  /** `MtTVA`. */
  readonly taxAmount?: string;
  /** `EtatLigPce`, of a PES_Retour. */
  readonly state?: string;
  readonly references: readonly AttachmentReference[];
  readonly thirdParties: readonly ThirdParty[];
}

/** "Tiers". */
export interface ThirdParty {
  readonly name?: string;
  /** `ComplNom`. */
  readonly nameComplement?: string;
  readonly firstName?: string;
  /** `IdTiers`: mostly a SIRET; `NatIdTiers` tells. */
  readonly id?: string;
  /** `NatIdTiers`: 01 SIRET, 02 SIREN. */
  readonly idNature?: string;
  /** `RefTiers`: the authority's own number for it. */
  readonly reference?: string;
  /** `CatTiers`, `NatJur`. */
  readonly category?: string;
  readonly legalNature?: string;
  readonly address: readonly string[];
  readonly postalCode?: string;
  readonly city?: string;
  readonly iban?: string;
  readonly bic?: string;
}

/** `PJRef`: an attachment is referred to. */
export interface AttachmentReference {
  /** `Support`: 01 electronic, 02 paper, 03 CD or DVD. */
  readonly medium?: string;
  /** `IdUnique`. */
  readonly id?: string;
  readonly name?: string;
}

/** `PJ`: an attachment that is in the file. */
export interface PesAttachment {
  /** `IdUnique`. */
  readonly id?: string;
  /** `NomPJ`, as it stands. */
  readonly name?: string;
  /** `TypePJ`: 001 budget, 002 recette, 003 dépense, 004 payroll, 005 social aid, 006 PES_Facture, 007 ORMC, 009 contract. */
  readonly type?: string;
  readonly description?: string;
  /** `MIMEType`, of the file before it was packed. */
  readonly mediaType?: string;
  /** The document's name in `documents`; absent where it could not be decoded. */
  readonly document?: string;
}

/** `PES_Facture`: bills to be printed and sent (ASAP). */
export interface BillRun {
  readonly year?: string;
  readonly sequence?: string;
  readonly type?: string;
  readonly date?: string;
  readonly bills: readonly Bill[];
}

/** `FactureIndiv`. */
export interface Bill {
  readonly number?: string;
  /** `DateEmission`, YYYY-MM-DD. */
  readonly date?: string;
  readonly subject?: string;
  readonly debtor?: ThirdParty;
  readonly amountExclTax?: string;
  readonly taxAmount?: string;
  readonly amountInclTax?: string;
}

/** `Marche` or `Concession`. */
export interface Contract {
  readonly kind: 'marche' | 'concession';
  /** `IdContrat`. */
  readonly id?: string;
  /** `NumeroOrdreModification`. */
  readonly modification?: string;
  readonly subject?: string;
  /** `CodeCPV`. */
  readonly cpv?: string;
  /** `MontantHTNotifie`, `ValeurGlobale`. */
  readonly amountExclTax?: string;
  /** `DateNotification`, or the signature of a concession; YYYY-MM-DD. */
  readonly date?: string;
  readonly buyers: readonly { readonly id?: string; readonly name?: string }[];
  /** `Titulaire`, `Concessionnaire`. */
  readonly holders: readonly { readonly id?: string; readonly name?: string }[];
}

/** `PES_ACQUIT`: what became of a PES_Aller. */
export interface PesAcquit extends PesHeader {
  /** Whether there is an element, and every one was accepted. */
  readonly accepted: boolean;
  readonly elements: readonly AcquitElement[];
}

export interface AcquitElement {
  /** `DomaineAck`: 4 an attachment, 5 dépense, 6 recette; see the schema `CommunAck.xsd`. */
  readonly domain?: string;
  /** `EtatAck` is 1. */
  readonly accepted: boolean;
  readonly exercise?: string;
  readonly bordereau?: string;
  /** `IdMarche`. */
  readonly contractNumber?: string;
  /** `IdUnique`, of an attachment. */
  readonly attachmentId?: string;
  /** All errors of it, of its pieces and of their lines. */
  readonly errors: readonly AcquitError[];
}

export interface AcquitError {
  /** `NumPiece`, `NumLigne`: what it concerns within the bordereau. */
  readonly piece?: string;
  readonly line?: string;
  /** `NumAnoAck`. */
  readonly code?: string;
  /** `LibelleAnoAck`. */
  readonly message?: string;
}

/** `PES_Retour`: what the accounting office did. */
export interface PesRetour extends PesHeader {
  /** `TypRestit`, two letters. */
  readonly restitution?: string;
  /** `NatInf`. */
  readonly information?: string;
  readonly bordereaux: readonly Bordereau[];
  /** `PES_ClientRetour`: what debtors still owe. */
  readonly clients: readonly ClientDebt[];
}

export interface ClientDebt {
  /** `RefTiers`. */
  readonly reference?: string;
  /** `ResteARecouvrer`: by product, with fees apart. */
  readonly outstanding: readonly {
    readonly product?: string;
    readonly amount?: string;
    readonly fees?: string;
  }[];
}

/** `PES_ACQUIT_RETOUR`: which PES_Retour arrived. */
export interface PesAcquitRetour extends PesHeader {
  readonly files: readonly {
    readonly name?: string;
    readonly domain?: string;
    readonly restitution?: string;
    readonly date?: string;
  }[];
}
