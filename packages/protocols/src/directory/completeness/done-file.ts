import { reason } from '@lanceur/core';
import { invalid } from '../../invalid.js';
import { stemOf } from '../../stem.js';
import type { Completeness } from './completeness.js';

/**
 * Whole once its sender has written a done-file ("fichier témoin") beside it.
 *
 * `{name}` stands for the item's name, `{stem}` for its name without the extension: `doneFile('{name}.ok')` waits for
 * `a.pdf.ok`, `doneFile('{stem}.done')` for `a.done`. Without either, the file is expected inside a sub-folder that is
 * taken as one: `doneFile('fichier_termine.txt')`.
 *
 * The done-file is no document. It leaves with its item, unless a document of that name has come again meanwhile.
 *
 * @throws LanceurError `INVALID_OPTION` for a template with a path, or one that every name would match.
 */
export function doneFile(template: string): Completeness {
  if (
    typeof template !== 'string' ||
    template === '' ||
    /[/\\]/u.test(template) ||
    /^\{(?:name|stem)\}$/u.test(template)
  ) {
    throw invalid('doneFile', 'a file name such as "{name}.ok"', template);
  }
  const placeholder = /\{(?:name|stem)\}/u.exec(template)?.[0];
  if (/\{\w*\}/u.test(template.replace(placeholder ?? '', ''))) {
    throw invalid('doneFile', 'a name with {name} or {stem} once, or with neither', template);
  }
  if (placeholder === undefined) {
    return {
      isDoneFile: (name) => same(name, template),
      doneFilesOf: () => [],
      missing: (item) =>
        item.folder && item.has(template, { inside: true })
          ? undefined
          : reason('NO_DONE_FILE', { file: template }),
    };
  }
  const [before = '', after = ''] = template.split(placeholder);
  const nameFor = (name: string) => before + (placeholder === '{stem}' ? stemOf(name) : name) + after;
  return {
    isDoneFile: (name) =>
      name.length > before.length + after.length &&
      same(name.slice(0, before.length), before) &&
      same(name.slice(name.length - after.length), after),
    doneFilesOf: (name) => [nameFor(name)],
    missing({ name, has }) {
      const file = nameFor(name);
      return has(file) ? undefined : reason('NO_DONE_FILE', { file });
    },
  };
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
