// The published JSON Schema, and the parser, are held to the same verdicts.
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { scenarioSchema } from '@lanceur/core/scenario';
import { describe, expect, test } from 'vitest';
import { folderRow, mailRow, problemsIn, sample } from './sample.js';

const published = JSON.parse(
  readFileSync(new URL('../../../packages/core/scenario.schema.json', import.meta.url), 'utf8'),
) as Record<string, unknown>;
const validate = new Ajv({ strict: false }).compile(published);

/** What no schema can say has a code of its own. */
const isWellShaped = (value: unknown) => problemsIn(value).every(({ code }) => code === 'SCENARIO_CONFLICT');

/** A file with everything in it. */
const FULL = sample({
  $schema: './scenario.schema.json',
  launchers: [
    folderRow({
      settleSeconds: 0.5,
      unit: 'entry',
      doneFile: '{name}.ok',
      endMarks: true,
      giveUp: { afterHours: 1, then: 'take' },
      after: { moveTo: '/srv/done', dated: 'month' },
      quarantine: '\\\\serveur\\q',
      envelopes: { invoices: 'apart', refuse: 'error', metadata: ['meta'], endMark: 'fini.txt' },
    }),
    mailRow({
      port: 0,
      tls: 'starttls',
      caFile: '/etc/ca.pem',
      serverName: 'imap',
      allowClearText: false,
      after: { flag: '\\Flagged' },
      quarantine: 'Rejetés',
      watch: true,
      since: '2026-11-01',
      sizes: 'exact',
      largestMail: 50_000_000,
      documents: { attachments: true, inlineAbove: 10, winmail: false },
      unwanted: 'reject',
      discardUnwanted: true,
      inDoubt: 'reject',
      attempts: 3,
      silentDays: 7,
    }),
    mailRow({
      id: 18,
      protocol: 'pop3',
      after: 'keep',
      password: undefined,
      oauth: {
        tokenEndpoint: 'https://login.example/token',
        clientId: 'x',
        clientSecret: { env: 'X' },
        refreshToken: { file: 'C:\\t' },
        scope: 's',
      },
    }),
    mailRow({
      id: 19,
      user: 'actes@mairie.fr',
      protocol: 'adullact',
      via: 'imap',
      filter: ['*.zip', '*.xml'],
    }),
    folderRow({ id: 20, protocol: 'Répertoire', origin: '/srv/scans', after: 'keep', subfolders: true }),
  ],
});

test('the published schema is the one that the parser’s shapes give', () => {
  expect(published).toEqual(JSON.parse(JSON.stringify(scenarioSchema())));
});

test('the schema describes every field, in French and in English', () => {
  const undescribed: string[] = [];
  const walk = (schema: unknown, path: string): void => {
    if (typeof schema !== 'object' || schema === null) return;
    for (const [key, value] of Object.entries(schema)) {
      if (key === 'properties' && !path.endsWith('.if')) {
        for (const [name, property] of Object.entries(
          value as Record<string, { description?: string; $ref?: string }>,
        )) {
          if (name !== 'via' && !property.description?.includes('\n\n') && property.$ref === undefined)
            undescribed.push(`${path}.${name}`);
        }
      }
      walk(value, `${path}.${key}`);
    }
  };
  walk(published, '');
  expect(undescribed).toEqual([]);
});

describe('schema and parser agree', () => {
  test('that what is right is right', () => {
    expect(problemsIn(FULL)).toEqual([]);
    validate(FULL);
    expect(validate.errors).toBeNull();
  });

  type Path = readonly (string | number)[];
  type Parent = Record<string | number, unknown>;

  /** One launcher each, so that a slip costs little. */
  const FILES = (FULL['launchers'] as readonly unknown[]).map((row) => ({ ...FULL, launchers: [row] }));

  /** Every place of a file; around the launchers, those of the first one will do. */
  const pathsIn = (value: unknown, n: number, path: Path = []): readonly Path[] => {
    if (n > 0 && path.length === 1 && path[0] !== 'launchers') return [];
    if (typeof value !== 'object' || value === null) return [path];
    const inside = Object.entries(value).filter(([, each]) => each !== undefined);
    return [
      path,
      ...inside.flatMap(([name, each]) =>
        pathsIn(each, n, [...path, Array.isArray(value) ? Number(name) : name]),
      ),
    ];
  };

  /** Every value that may get there by a slip. */
  const SLIPS: readonly unknown[] = [
    ...[
      null,
      true,
      0,
      -1,
      1.5,
      70_000,
      '',
      ' ',
      'x',
      '*',
      'a b',
      'F:/x',
      'a/b',
      'D:\nchp',
      'tar.gz',
      '*/15',
      'remove',
    ],
    ...[
      'pop',
      'Adullact',
      'none',
      'take',
      '2026-13-01',
      'https://u:p@x/y',
      [],
      ['x'],
      [''],
      {},
      { env: 'A' },
    ],
    ...[
      { env: 'A b' },
      { env: 'A', file: '/x' },
      { moveTo: '/x', dated: 'week' },
      { ezged: 'm', waitingDirectory: 'w' },
    ],
  ];

  const changed = (
    file: unknown,
    path: Path,
    change: (parent: Parent, key: string | number) => void,
  ): unknown => {
    const copy = structuredClone({ root: file }) as Parent;
    let parent = copy;
    let key: string | number = 'root';
    for (const step of path) {
      const next = parent[key];
      // An earlier slip has taken it away.
      if (typeof next !== 'object' || next === null) return file;
      parent = next as Parent;
      key = step;
    }
    change(parent, key);
    return copy['root'];
  };

  /** Whether both take it. */
  const agreed = (value: unknown): boolean => {
    // A text is the file itself.
    if (typeof value === 'string') return false;
    const shaped = isWellShaped(value);
    if (validate(value) === shaped) return shaped;
    const said = problemsIn(value).map(({ message }) => message);
    throw new Error(`${JSON.stringify(said)} says the parser, the schema ${JSON.stringify(validate.errors)}`);
  };

  test.each(FILES.map((file, n) => [n, file] as const))('on any value in any place of file %i', (n, file) => {
    const verdicts = pathsIn(file, n).flatMap((path) =>
      SLIPS.map((slip) => agreed(changed(file, path, (parent, key) => (parent[key] = slip)))),
    );
    expect(new Set(verdicts)).toEqual(new Set([true, false]));
  });

  test.each(FILES.map((file, n) => [n, file] as const))(
    'on any field missing, or too many, in file %i',
    (n, file) => {
      for (const path of pathsIn(file, n).slice(1)) {
        const without = (parent: Parent, key: string | number) => {
          if (Array.isArray(parent)) parent.splice(Number(key), 1);
          else Reflect.deleteProperty(parent, key);
        };
        agreed(changed(file, path, without));
        agreed(changed(file, path, (parent) => (Array.isArray(parent) ? 0 : (parent['another'] = 1))));
      }
    },
  );

  test('on several slips at once', () => {
    const place = fc.constantFrom(
      ...FILES.flatMap((file, n) => pathsIn(file, n).map((path) => ({ file, path }))),
    );
    fc.assert(
      fc.property(place, place, fc.constantFrom(...SLIPS), fc.constantFrom(...SLIPS), (one, other, a, b) => {
        const first = changed(one.file, one.path, (parent, key) => (parent[key] = a));
        agreed(changed(first, other.path, (parent, key) => (parent[key] = b)));
      }),
      { numRuns: 200 },
    );
  });
});
