/** An XML that was made by chance, and what has to be read of it. */
export interface Generated {
  /** Its file's name. */
  readonly name: string;
  readonly kind: string;
  /** Without declaration. */
  readonly xml: string;
  /** A part of the fields, by `toMatchObject`. */
  readonly fields: object;
  /** Its attachments, in the order of the file. */
  readonly files: readonly { readonly name: string; readonly bytes: Buffer }[];
  /** The schema that it fits, by its path in the corpus. */
  readonly schema?: string;
}
