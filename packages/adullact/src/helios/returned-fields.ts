import type { Contract, PesHeader, ThirdParty } from './fields.js';

/**
 * `ENSUDocuments` (schema DocENSU): the notices that the DGFiP prints or puts online for debtors, as PDFs within the file.
 */
export interface EnsuDocuments extends PesHeader {
  /** `IdOrigine`: HEL for Helios. */
  readonly origin?: string;
  /** `CdDoc`: FC14 titres (ASAP), FC15 patients, FC16 ORMC. */
  readonly edition?: string;
  readonly notices: readonly EnsuNotice[];
}

/** `Document`. */
export interface EnsuNotice {
  /** `IdUnique`. */
  readonly id?: string;
  /** `IdentifiantNational`, of the budget. */
  readonly budgetId?: string;
  /** `NbPages`. */
  readonly pages?: string;
  readonly address: readonly string[];
  readonly country?: string;
  /** `IdUsagerPart1`: tax number of the debtor, if he is known. */
  readonly debtorTaxNumber?: string;
  /** `IdUsagerPro`: SIREN of the debtor. */
  readonly debtorSiren?: string;
  /** `IdDebiteur`: Helios' own number for him. */
  readonly debtorNumber?: string;
  /** `CdCodique`. */
  readonly office?: string;
  /** `IdMetier`. */
  readonly businessId?: string;
  readonly amount?: string;
  /** `DLP`: to be paid until, YYYY-MM-DD. */
  readonly dueDate?: string;
  /** `LibColloc`. */
  readonly authorityName?: string;
  /** `LibObj`. */
  readonly subject?: string;
  /** `NomPJ`, as it stands. */
  readonly name?: string;
  readonly mediaType?: string;
  /** The document's name in `documents`; absent where it could not be decoded. */
  readonly document?: string;
}

/** `liensPj` (schema CDGDLiensPJ): which attachments belong to which bordereau. */
export interface AttachmentLinks extends PesHeader {
  readonly exercise?: string;
  /** `idNational`, of the budget. */
  readonly budgetId?: string;
  readonly links: readonly AttachmentLink[];
}

export interface AttachmentLink {
  /** `domaine`: 01 dépense, 02 recette, 03 rôle, 04 budget. */
  readonly domain?: string;
  /** `typeObjet`: 01 a bordereau, 02 one of cancellations, 03 an order, 06 an order of several creditors. */
  readonly objectType?: string;
  /** `identifiant`, `complementIdentifiant`. */
  readonly object?: string;
  readonly objectComplement?: string;
  /** `idUnique`, of the attachment. */
  readonly attachmentId?: string;
  /** `statut`: 0 accessible, 1 rejected or cancelled, 2 refused. */
  readonly state?: string;
  /** `nomPj`. */
  readonly name?: string;
}

/** `FCTVA`: the mandats and titres of which VAT is given back. */
export interface Fctva extends PesHeader {
  readonly budgets: readonly FctvaBudget[];
}

/** `BudgetCollectivite`. */
export interface FctvaBudget {
  readonly name?: string;
  readonly siret?: string;
  readonly finess?: string;
  /** `IdentifiantNational`. */
  readonly budgetId?: string;
  readonly exercises: readonly { readonly exercise?: string; readonly closedOn?: string }[];
  readonly pieces: readonly FctvaPiece[];
}

/** `Mandat` or `Titre`. */
export interface FctvaPiece {
  readonly flow: 'depense' | 'recette';
  readonly number?: string;
  /** `TypeMandat`: `Ordinaire`, `Annulation`. */
  readonly type?: string;
  readonly exercise?: string;
  readonly subject?: string;
  /** `DatePEC`, YYYY-MM-DD. */
  readonly acceptedOn?: string;
  /** `DateEmission`, YYYY-MM-DD. */
  readonly date?: string;
  readonly lines: readonly FctvaLine[];
}

export interface FctvaLine {
  readonly number?: string;
  readonly amount?: string;
  /** `CompteNature` and its label. */
  readonly account?: string;
  readonly accountName?: string;
  readonly function?: string;
  readonly operation?: string;
  readonly subject?: string;
  /** `Fournisseur`. */
  readonly supplierId?: string;
  readonly supplierName?: string;
}

/** `PosteComptable` (ERAR, "état des restes à recouvrer"): what is still to be collected, piece by piece. */
export interface Outstanding extends PesHeader {
  readonly pieces: readonly OutstandingPiece[];
}

export interface OutstandingPiece {
  /** `TypeRef`, two digits. */
  readonly type?: string;
  /** `IdBord`. */
  readonly bordereau?: string;
  /** `IdPiece`. */
  readonly number?: string;
  /** `ExerRattach`. */
  readonly exercise?: string;
  /** `DateEmissionPiece`, YYYY-MM-DD. */
  readonly date?: string;
  readonly lines: readonly OutstandingLine[];
}

/** `LigneERAR`. */
export interface OutstandingLine {
  readonly number?: string;
  /** `ReferenceOrdonnateur`. */
  readonly reference?: string;
  readonly subject?: string;
  /** `MtPrincipal`, `MtFrais`. */
  readonly amount?: string;
  readonly fees?: string;
  /** `RarPrincipal`, `RarFrais`: what is left of them. */
  readonly outstanding?: string;
  readonly outstandingFees?: string;
  /** `CodProduit`, `LibProduit`. */
  readonly product?: string;
  readonly productName?: string;
  readonly service?: string;
  readonly invoiceNumber?: string;
  readonly debtor: ThirdParty;
  /** `Etape`: what has been done to collect it. */
  readonly steps: readonly {
    readonly code?: string;
    readonly date?: string;
    readonly state?: string;
    readonly amount?: string;
  }[];
}

/** `marches` (schema paquet, data.gouv.fr): the essential data of contracts, as they are published. */
export interface PublishedContracts extends PesHeader {
  readonly contracts: readonly PublishedContract[];
}

/** `marche` or `contrat-concession`. */
export interface PublishedContract extends Contract {
  /** `Marché`, `Accord-cadre`, `Délégation de service public`. */
  readonly nature?: string;
  readonly procedure?: string;
  /** `dureeMois`. */
  readonly months?: string;
}

/** `fiches` (schema recensement): contracts as they are reported to the OECP. */
export interface ContractCensus extends PesHeader {
  readonly contracts: readonly CensusContract[];
}

/** `fiche`. */
export interface CensusContract {
  /** `ident_interne_contrat`. */
  readonly id?: string;
  /** `annee_contrat`, two digits. */
  readonly year?: string;
  /** `num_avenant`, 00 if it is none. */
  readonly amendment?: string;
  /** `num_acte_special`: a subcontract, 00 if it is none. */
  readonly subcontract?: string;
  /** `siret_acheteur`. */
  readonly buyer?: string;
  /** `num_siret_prestataire`; a code of a country where it has none. */
  readonly holder?: string;
  /** `mois_notif`, `annee_notif`: YYYY-MM. */
  readonly notified?: string;
  readonly amountExclTax?: string;
  readonly cpv?: string;
  readonly procedure?: string;
  /** `duree_contrat`. */
  readonly months?: string;
}
