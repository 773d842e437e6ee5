/** What travels between Chorus Pro and an authority: by root element, or by the standard of the invoice. */
export type ChorusKind =
  | 'CPPFacturePivot'
  | 'CPPFactureMixte'
  | 'CPPStatut'
  | 'UBLInvoice'
  | 'UBLCreditNote'
  | 'CrossIndustryInvoice'
  | 'CrossIndustryDocument';

/**
 * What they say (AIFE, schemas CPPFacturePivot V1_20 to V2_02, CPPFactureMixte, CPPStatutPivot V1_19; UBL 2; UN/CEFACT
 * CII). Everything is text, as it stands: identifiers keep their zeros, amounts their decimals.
 */
export interface ChorusFields {
  /** `Enveloppe`: absent of a UBL or CII invoice. */
  readonly flow?: ChorusFlow;
  /** In the order of the file. */
  readonly invoices: readonly Invoice[];
  /** `CPPFactureStatuts` and `CPPFluxStatuts`, of a CPPStatut. */
  readonly statuses: readonly Status[];
}

export interface ChorusFlow {
  /** `IdFlx`. */
  readonly id?: string;
  /** `DtPrd`, YYYY-MM-DD. */
  readonly date?: string;
  /** All of `ParametreIndiv`, by code. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly sender?: string;
  readonly senderName?: string;
  readonly recipient?: string;
  readonly recipientName?: string;
}

export interface Invoice {
  /** "Numéro de facture". */
  readonly number?: string;
  /** `IdCPRO`: Chorus Pro's own number for it. */
  readonly chorusId?: string;
  /** `Type`: 380 invoice, 381 credit note, and others of UNTDID 1001. */
  readonly type?: string;
  /** `Cadre`: A1 to A25. */
  readonly frame?: string;
  /** `IdFactureOrigine`. */
  readonly originalNumber?: string;
  /** YYYY-MM-DD. */
  readonly issueDate?: string;
  readonly receptionDate?: string;
  readonly deliveryDate?: string;
  readonly dueDate?: string;
  /** Code of UNTDID 4461, and its label. */
  readonly paymentMode?: string;
  readonly paymentModeLabel?: string;
  readonly currency?: string;
  readonly amountExclTax?: string;
  readonly taxAmount?: string;
  readonly amountInclTax?: string;
  /** "Net à payer". */
  readonly amountPayable?: string;
  readonly taxes: readonly Tax[];
  /** "Numéro de marché". */
  readonly contractNumber?: string;
  /** "Numéro d'engagement". */
  readonly commitmentNumber?: string;
  /** "Fournisseur". */
  readonly supplier: Party;
  /** "Débiteur". */
  readonly debtor: Party;
  /** `Valideur`, of a CPPFactureMixte. */
  readonly validator?: Party;
  readonly lines: readonly InvoiceLine[];
  readonly attachments: readonly InvoiceAttachment[];
  /** `CycleDeValidation`, as it stands: the oldest status first, as a rule. */
  readonly history: readonly Status[];
}

export interface Party {
  /** `TypeIdentifiant`: 1 SIRET, 2 European VAT number, 3 outside the EU, 4 RIDET, 5 Tahiti; of UBL and CII the scheme. */
  readonly idType?: string;
  readonly id?: string;
  /** The first nine digits of a SIRET. */
  readonly siren?: string;
  readonly name?: string;
  readonly country?: string;
  /** `CodeService`, `NomService`, of a debtor. */
  readonly service?: string;
  readonly serviceName?: string;
  readonly iban?: string;
}

export interface Tax {
  readonly rate?: string;
  readonly base?: string;
  readonly amount?: string;
}

export interface InvoiceLine {
  readonly product?: string;
  readonly description?: string;
  readonly unitPrice?: string;
  readonly quantity?: string;
  readonly amountExclTax?: string;
  readonly taxRate?: string;
}

/** `PJ`. */
export interface InvoiceAttachment {
  /** `NomPJ`, as it stands: cut to 50 characters by Chorus Pro. */
  readonly name?: string;
  /** `TypePJ`: 01 the invoice, 02 a further document. */
  readonly type?: string;
  readonly mediaType?: string;
  /** `CategoriePJ`: "Devis", "Bon de livraison". */
  readonly category?: string;
  /** The document's name in `documents`; absent where there is none, or where it could not be decoded. */
  readonly document?: string;
}

/** Where an invoice, or a flow, has got to. */
export interface Status {
  /** `IdStatut`, `CodeStatut`, two digits. */
  readonly code?: string;
  readonly label?: string;
  readonly comment?: string;
  /** A date, or a date and time, as it stands. */
  readonly at?: string;
  /** The invoice that it is about. */
  readonly invoiceNumber?: string;
  readonly invoiceDate?: string;
  /** The flow that it is about. */
  readonly flowId?: string;
  /** `IdMandatDP`. */
  readonly paymentOrderId?: string;
  readonly supplier?: Party;
  readonly debtor?: Party;
  /** Who set it. */
  readonly producer?: string;
  readonly errors: readonly { readonly code?: string; readonly nature?: string; readonly message?: string }[];
}
