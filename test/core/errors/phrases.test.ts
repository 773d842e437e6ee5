// What completes the sentences of the catalogue is said in French as well.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { inFrench, LanceurError, reason, whatToDo } from '@lanceur/core';
import { phraseInFrench } from '../../../packages/core/dist/phrases.js';

const CORE = fileURLToPath(new URL('../../../packages/core/src', import.meta.url));
/** What only a mistake in a program leads to is for its developers, in English. */
const FOR_DEVELOPERS = /^'INTERNAL'$/u;

interface Phrase {
  readonly text: string;
  readonly at: string;
}

/** Sources of the core, without what is for tests. */
function sources(): readonly string[] {
  return readdirSync(CORE, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts') && !name.startsWith('testing/'));
}

/** The English in the data of each `reason(…)`, `new LanceurError(…)` and `invalid(…)` that has no French beside it. */
function phrasesIn(name: string): readonly Phrase[] {
  const file = ts.createSourceFile(
    name,
    readFileSync(join(CORE, name), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const found: Phrase[] = [];
  const take = (node: ts.Node): void => {
    for (const text of textsIn(node, file))
      if (/[a-z]{2,} [a-z(]{1,}|^(?:none|nothing)$/u.test(text)) found.push({ text, at: name });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const callee = node.expression.getText(file);
      const [code, ...rest] = node.arguments ?? [];
      if (/^(?:reason|LanceurError)$/u.test(callee) && !FOR_DEVELOPERS.test(code?.getText(file) ?? '')) {
        for (const data of rest.slice(0, 1))
          if (ts.isObjectLiteralExpression(data)) dataOf(data).forEach(take);
      } else if (callee === 'invalid') {
        (node.arguments ?? []).forEach(take);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function dataOf(data: ts.ObjectLiteralExpression): readonly ts.Node[] {
  const names = data.properties.map((property) => property.name?.getText() ?? '');
  return data.properties.flatMap((property) => {
    const name = property.name?.getText() ?? '';
    const isSaid = name.endsWith('_fr') || names.includes(`${name}_fr`);
    return ts.isPropertyAssignment(property) && !isSaid ? [property.initializer] : [];
  });
}

/** A template with `{}` for what is filled in. */
function textsIn(node: ts.Node, file: ts.SourceFile): readonly string[] {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return [node.text];
  if (ts.isTemplateExpression(node))
    return [[node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('{}')];
  const texts: string[] = [];
  ts.forEachChild(node, (child) => {
    texts.push(...textsIn(child, file));
  });
  return texts;
}

test('every phrase that the core puts into a sentence is said in French', () => {
  const phrases = sources().flatMap(phrasesIn);
  expect(phrases.length).toBeGreaterThan(40);
  const english = phrases.filter(
    ({ text }) => phraseInFrench(text.replaceAll('{}', '7')) === text.replaceAll('{}', '7'),
  );
  expect(english).toEqual([]);
});

describe('in French', () => {
  test.each([
    [reason('NOTHING_WANTED', { why: 'it is empty' }), 'ne contient aucun document voulu ici : il est vide'],
    [reason('CLOSED', { what: 'the ledger /srv/l.db' }), 'déjà fermé : le registre /srv/l.db'],
    [
      reason('INVALID_OPTION', {
        option: 'tls',
        expected: 'implicit or starttls for another machine, or `passwordInClear: true` beside it',
        found: 'none',
      }),
      '`tls` devrait être implicit ou starttls pour une autre machine, ou `passwordInClear: true` à côté ; reçu : aucun',
    ],
    [
      reason('INVALID_PATTERN', { pattern: '/(/', why: 'a ( without its ) (at character 2)' }),
      'le motif /(/ est illisible : une ( sans sa ) (au caractère 2)',
    ],
    [
      reason('SOURCE_FAILED', { path: 'x', why: 'there is no server of this name (ENOTFOUND)' }),
      expect.stringContaining('il n’y a pas de serveur de ce nom (ENOTFOUND)'),
    ],
  ])('%s', (said, french) => {
    expect(inFrench(said)).toEqual(french);
  });

  test('a name is left alone, whatever it says', () => {
    expect(inFrench(reason('NO_DONE_FILE', { file: 'nothing' }))).toBe('attend son fichier témoin nothing');
  });

  test('the words of a server are left alone', () => {
    expect(inFrench(reason('SOURCE_FAILED', { path: 'x', why: 'Too many logins' }))).toContain(
      'Too many logins',
    );
  });

  test('an error says what to do, as its message does in English', () => {
    const error = new LanceurError('LEDGER_FULL', { path: '/srv/l.db' });
    expect(error.message).toContain(whatToDo('LEDGER_FULL'));
    expect(inFrench(error)).toBe(`${inFrench(error.reason)}. ${whatToDo('LEDGER_FULL', 'fr') ?? ''}`);
  });
});
