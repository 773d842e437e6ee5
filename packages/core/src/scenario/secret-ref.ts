/** Where a secret is: a scenario never holds one itself. Resolved each time that it is used. */
export type SecretRef =
  /** In the variable of this name of the service's environment. */
  | { readonly env: string }
  /** In this file, absolute, and nothing else in it; a line end after it is no part of it. */
  | { readonly file: string };
