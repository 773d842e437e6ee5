import type { Reason } from '@lanceur/core';
import { invalid } from '../../invalid.js';
import type { Completeness } from './completeness.js';

/** Whole when each of them says so: `all(doneFile('{name}.ok'), endMarks())`. */
export function all(...parts: readonly Completeness[]): Completeness {
  return {
    ...combined('all', parts),
    quietMs: Math.max(...parts.map((p) => p.quietMs ?? 0)),
    async missing(item) {
      for (const part of parts) {
        const why = await part.missing(item);
        if (why !== undefined) return why;
      }
      return undefined;
    },
  };
}

/** Whole when one of them says so: `any(doneFile('{name}.ok'), quiet(600_000))`. Gives the first one's reason. */
export function any(...parts: readonly Completeness[]): Completeness {
  return {
    ...combined('any', parts),
    quietMs: Math.min(...parts.map((p) => p.quietMs ?? 0)),
    async missing(item) {
      let first: Reason | undefined;
      for (const part of parts) {
        const why = await part.missing(item);
        if (why === undefined) return undefined;
        first ??= why;
      }
      return first;
    },
  };
}

function combined(name: string, parts: readonly Completeness[]): Omit<Completeness, 'missing' | 'quietMs'> {
  if (parts.length === 0) throw invalid(name, 'at least one completeness', '()');
  return {
    reads: parts.some((p) => p.reads === true),
    ...(parts.some((p) => p.isDoneFile !== undefined) && {
      isDoneFile: (file: string) => parts.some((p) => p.isDoneFile?.(file) === true),
      doneFilesOf: (file: string) => [...new Set(parts.flatMap((p) => p.doneFilesOf?.(file) ?? []))],
    }),
  };
}
