import { AssertionError } from 'node:assert';

/**
 * One thing that every block of a kind must do. Any test runner can run it:
 *
 * ```ts
 * for (const c of listenerSuite(subject)) test(c.name, c.run);
 * ```
 */
export interface SuiteCase {
  /** What is promised, as a sentence. Unique in its suite. */
  readonly name: string;
  /** Rejects, with an `AssertionError` or the block's own error, if the promise is not kept. Needs no `this`. */
  run(): Promise<void>;
}

/**
 * What a case needs of its subject. A capability that the subject lacks is named in `without`, so that a case that
 * does not run is a decision, and never an oversight.
 */
export function needed<T>(member: T | undefined, name: string): T {
  if (member !== undefined) return member;
  throw new AssertionError({
    message: `the subject offers no ${name}: add it, or say so with without: ['${name}']`,
  });
}
