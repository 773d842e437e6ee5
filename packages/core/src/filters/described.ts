import type { Decision, Filter } from '../contracts/filter.js';

/** A filter that can say what it asks for, so that a reason can quote it. */
export interface DescribedFilter extends Filter {
  /** What it asks for, in a few words: `*.pdf; *.tif`. */
  readonly text: string;
}

export const ACCEPTED: Decision = Object.freeze({ accepted: true });

/** What the filter asks for, as far as it can say. */
export function textOf(filter: Filter & { readonly text?: unknown }): string {
  return typeof filter.text === 'string' ? filter.text : 'of the host application';
}
