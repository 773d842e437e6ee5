/** What a double does instead of what it should. */
export type Fault =
  /** It does what it should, so much later; the body has been read by then. */
  | { readonly is: 'slow'; readonly ms: number }
  /**
   * It says nothing any more: after so many bytes of the body, or once all of it has come (default); `done`: once it has
   * carried everything out.
   */
  | { readonly is: 'stall'; readonly afterBytes?: number; readonly done?: boolean }
  /** It answers so, and carries nothing out. `early`: before the body has come, and closes the connection. */
  | {
      readonly is: 'answer';
      readonly status?: number;
      readonly type?: string;
      readonly location?: string;
      readonly body?: string;
      readonly early?: boolean;
    }
  /**
   * It cuts the connection: `before` it has read the body, `while` (after so many bytes of it), `after` all of it has
   * come and nothing is carried out, `done`: all is carried out and the answer never leaves, `answering`: half of it does.
   */
  | {
      readonly is: 'cut';
      readonly when: 'before' | 'while' | 'after' | 'done' | 'answering';
      readonly afterBytes?: number;
    }
  /** It does what it should, and answers twice on the same connection. */
  | { readonly is: 'twice' }
  /** It does what it should, and leaves these fields out of the answer. */
  | { readonly is: 'without'; readonly fields: readonly string[] }
  /** It does what it should, and PHP prints a warning in front of the answer. */
  | { readonly is: 'warning' }
  /** The session is taken for one that has expired. */
  | { readonly is: 'expired' }
  /** It fails with this code and message, and carries nothing out. */
  | { readonly is: 'refuse'; readonly errorcode: number | string; readonly errormsg: string };

const HTML =
  '<!DOCTYPE html><html><head><title>Maintenance</title></head><body>Service indisponible</body></html>';

/** Faults by the names that the command line takes. */
export const NAMED_FAULTS: Readonly<Record<string, Fault>> = {
  slow: { is: 'slow', ms: 2_000 },
  stall: { is: 'stall' },
  '500': { is: 'answer', status: 500, type: 'text/html', body: HTML },
  html: { is: 'answer', status: 200, type: 'text/html', body: HTML },
  redirect: { is: 'answer', status: 302, location: '/login', body: '' },
  'cut-before': { is: 'cut', when: 'before' },
  'cut-while': { is: 'cut', when: 'while', afterBytes: 1_000 },
  'cut-after': { is: 'cut', when: 'after' },
  'cut-done': { is: 'cut', when: 'done' },
  'cut-answering': { is: 'cut', when: 'answering' },
  twice: { is: 'twice' },
  warning: { is: 'warning' },
  expired: { is: 'expired' },
  full: { is: 'refuse', errorcode: -18, errormsg: 'Nombre maximum de sessions atteint' },
};
