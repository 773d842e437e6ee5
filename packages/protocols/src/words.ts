/** The same in the two languages of a reason. */
export interface Words {
  readonly en: string;
  readonly fr: string;
}

/** The `why` of a reason. */
export function whyOf({ en, fr }: Words): { readonly why: string; readonly why_fr: string } {
  return { why: en, why_fr: fr };
}
