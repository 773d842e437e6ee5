import { inFrench, LanceurError } from '@lanceur/core';
import { parseRow, parseScenario } from '@lanceur/core/scenario';
import { describe, expect, test } from 'vitest';
import {
  folderRow,
  mailRow,
  mistakesIn,
  onlyMistake,
  parsed,
  problemsIn,
  sample,
  type Json,
} from './sample.js';

function errorOf(work: () => unknown): LanceurError {
  try {
    work();
  } catch (error) {
    if (LanceurError.is(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a scenario', () => {
  test('is read into its plain form: ids and jobs as texts, protocols by their name here', () => {
    const { launchers, timeZone, jobs } = parsed();
    expect(timeZone).toBe('Europe/Paris');
    expect(Object.keys(jobs)).toEqual(['87', '88']);
    expect(launchers[0]).toEqual({
      id: '16',
      description: 'Adullact Chorus',
      protocol: 'adullact',
      origin: 'F:/nchp/depots',
      filter: '*.*',
      jobs: [{ extension: 'chorus_fact', job: '87' }],
      schedules: [{ seconds: '*/15' }],
    });
    expect(launchers[1]).toMatchObject({ protocol: 'imap', password: { env: 'IMAP_PASSWORD' } });
  });

  test('that was read comes out the same when it is read again', () => {
    expect(parseScenario(JSON.parse(JSON.stringify(parsed())))).toEqual(parsed());
  });

  test('is the same as a text, with the byte order mark that Notepad writes or without', () => {
    const text = JSON.stringify(sample(), undefined, 2);
    expect(parseScenario(text)).toEqual(parsed());
    expect(parseScenario(`\ufeff${text.replaceAll('\n', '\r\n')}\r\n`)).toEqual(parsed());
  });

  test.each(['Répertoire', 'REPERTOIRE', 'directory', 'Re\u0301pertoire'])(
    'takes EzGED’s protocol %s for a folder',
    (protocol) => {
      expect(parsed({ launchers: [folderRow({ protocol })] }).launchers[0]?.protocol).toBe('directory');
    },
  );

  test('takes POP with EzGED’s inbox and port 0', () => {
    const row = mailRow({ protocol: 'POP', port: 0 });
    expect(parsed({ launchers: [row] }).launchers[0]).toMatchObject({ protocol: 'pop', origin: 'inbox' });
  });

  test('takes a local stunnel, without TLS of its own', () => {
    const row = mailRow({ protocol: 'POP', host: '127.0.0.1', port: 110, tls: 'none' });
    expect(parsed({ launchers: [row] }).launchers).toHaveLength(1);
  });
});

describe('what is wrong', () => {
  test('is told all at once, from the top of the file to its end, with its line', () => {
    const text = `{
  "timeZone": "Europe/Pari",
  "ledger": "ledger.db",
  "jobs": { "87": { "waitingDirectory": "C:/wait/factures" } },
  "launchers": [
    {
      "id": 1,
      "protocol": "directory",
      "origine": "F:/depots",
      "jobs": [{ "extension": "pdf", "job": "78" }],
      "schedules": [{ "second": 0, "minutes": 75 }]
    }
  ]
}`;
    const error = errorOf(() => parseScenario(text));
    expect(error.code).toBe('SCENARIO_INVALID');
    expect(error.message.split('\n')).toEqual([
      'the scenario cannot be used; mistakes in it: 7',
      '  - timeZone (line 2): there is no time zone Europe/Pari: write Europe/Paris or the like',
      '  - ledger (line 3): expected an absolute path, such as "F:/depots", found "ledger.db"',
      expect.stringMatching(
        /^ {2}- launchers\[0\]\.origin \(line 6\): expected an absolute path.*, found nothing$/,
      ),
      '  - launchers[0].origine (line 9) is not known here: did you mean `origin`?',
      '  - launchers[0].jobs[0].job (line 10): 78 is not in "jobs"; did you mean 87? there are 87',
      '  - launchers[0].schedules[0].second (line 11) is not known here: did you mean `seconds`?',
      expect.stringMatching(
        /^ {2}- launchers\[0\]\.schedules\[0\]\.minutes \(line 11\): expected minutes, 0 to 59.*found 75$/,
      ),
    ]);
    const french = inFrench(error.reason).split('\n');
    expect(french[0]).toBe('le scénario est inutilisable ; erreurs : 7');
    expect(french[4]).toBe(
      '  - launchers[0].origine (ligne 9) n’est pas connu ici : vouliez-vous dire `origin` ?',
    );
    expect(JSON.parse(JSON.stringify(error.reason))).toEqual(error.reason);
  });

  test.each<[string, unknown, string]>([
    ['no object at all', [], 'SCENARIO_FIELD $'],
    [
      'a protocol with a letter too many',
      sample({ launchers: [mailRow({ protocol: 'imapp' })] }),
      'SCENARIO_FIELD launchers[0].protocol',
    ],
    [
      'no protocol',
      sample({ launchers: [mailRow({ protocol: undefined })] }),
      'SCENARIO_FIELD launchers[0].protocol',
    ],
    ['no launcher', sample({ launchers: [] }), 'SCENARIO_FIELD launchers'],
    [
      'a host for a folder',
      sample({ launchers: [folderRow({ host: 'x' })] }),
      'SCENARIO_UNKNOWN_FIELD launchers[0].host',
    ],
    [
      'an id that is there already',
      sample({ launchers: [folderRow(), mailRow({ id: '16' })] }),
      'SCENARIO_CONFLICT launchers[1].id',
    ],
    [
      'an extension that has a job already',
      sample({
        launchers: [
          folderRow({
            jobs: [
              { extension: 'pdf', job: '87' },
              { extension: '*.PDF', job: '88' },
            ],
          }),
        ],
      }),
      'SCENARIO_CONFLICT launchers[0].jobs[1].extension',
    ],
    [
      'a pattern that cannot be read',
      sample({ launchers: [folderRow({ filter: '/(/' })] }),
      'SCENARIO_CONFLICT launchers[0].filter',
    ],
    ['an EzGED that is nowhere', sample({ ezged: {} }), 'SCENARIO_CONFLICT jobs["88"].ezged'],
    [
      'an EzGED in clear',
      sample({
        ezged: {
          mairie: { url: 'http://ged/ezged', user: 'a', password: { env: 'A' }, token: { env: 'B' } },
        },
      }),
      'SCENARIO_CONFLICT ezged.mairie.url',
    ],
    [
      'a ledger on a share',
      sample({ ledger: '\\\\serveur\\partage\\ledger.db' }),
      'SCENARIO_CONFLICT ledger',
    ],
    ['no spool for what is unpacked', sample({ spool: undefined }), 'SCENARIO_CONFLICT launchers[0]'],
    [
      'a mailbox without password',
      sample({ launchers: [mailRow({ password: undefined })] }),
      'SCENARIO_CONFLICT launchers[0].password',
    ],
    [
      'a mailbox with two ways to log in',
      sample({
        launchers: [
          mailRow({
            oauth: {
              tokenEndpoint: 'https://login.example/token',
              clientId: 'x',
              clientSecret: { env: 'X' },
            },
          }),
        ],
      }),
      'SCENARIO_CONFLICT launchers[0].password',
    ],
    [
      'OAuth without any secret',
      sample({
        launchers: [
          mailRow({
            password: undefined,
            oauth: { tokenEndpoint: 'https://login.example/token', clientId: 'x' },
          }),
        ],
      }),
      'SCENARIO_CONFLICT launchers[0].oauth',
    ],
    ...['http://login.example/token', 'http://localhost.example/token'].map(
      (tokenEndpoint): [string, unknown, string] => [
        `a token in clear from another machine: ${tokenEndpoint}`,
        sample({
          launchers: [
            mailRow({
              password: undefined,
              oauth: { tokenEndpoint, clientId: 'x', clientSecret: { env: 'X' } },
            }),
          ],
        }),
        'SCENARIO_FIELD launchers[0].oauth.tokenEndpoint',
      ],
    ),
    [
      'a password in clear to another machine',
      sample({ launchers: [mailRow({ tls: 'none' })] }),
      'SCENARIO_CONFLICT launchers[0].tls',
    ],
    [
      'TLS on the port that has none',
      sample({ launchers: [mailRow({ port: 143 })] }),
      'SCENARIO_CONFLICT launchers[0].port',
    ],
    [
      'STARTTLS on the port of TLS',
      sample({ launchers: [mailRow({ port: 993, tls: 'starttls' })] }),
      'SCENARIO_CONFLICT launchers[0].port',
    ],
    [
      'a day that no calendar has',
      sample({ launchers: [mailRow({ since: '2026-02-30' })] }),
      'SCENARIO_CONFLICT launchers[0].since',
    ],
    [
      'a POP mailbox with folders',
      sample({ launchers: [mailRow({ protocol: 'pop', origin: 'Archives' })] }),
      'SCENARIO_FIELD launchers[0].origin',
    ],
    ['a path in which \\n was a line feed', sample({ ledger: 'D:\nchp' }), 'SCENARIO_FIELD ledger'],
    [
      'two launchers that want the same',
      sample({ launchers: [folderRow(), folderRow({ id: 2, origin: 'f:\\NCHP\\depots\\' })] }),
      'SCENARIO_CONFLICT launchers[1]',
    ],
    [
      'a name that reaches for a prototype',
      JSON.parse('{"__proto__": 1, "constructor": 2}') as unknown,
      'SCENARIO_UNKNOWN_FIELD __proto__',
    ],
  ])('is found: %s', (_what, input, mistake) => {
    expect(mistakesIn(input)).toContain(mistake);
  });

  test('is found: EzGED’s own example, which watches the folder above the waiting directories', () => {
    const { en, fr } = onlyMistake(sample({ launchers: [folderRow({ origin: 'C:\\nchp\\var' })] }));
    expect(en).toMatch(
      /^launchers\[0\]\.origin: C:\\nchp\\var and C:\/nchp\/.*factures \(jobs\["87"\]\.waitingDirectory\) lie inside/,
    );
    expect(fr).toMatch(/l’un dans l’autre/);
  });

  test('is not: two launchers that share a folder and want different extensions', () => {
    const other = folderRow({ id: 2, jobs: [{ extension: 'helios', job: '87' }] });
    expect(mistakesIn(sample({ launchers: [folderRow(), other] }))).toEqual([]);
  });

  test('shows a heading of EzGED’s screen by its name here', () => {
    const [problem] = problemsIn(sample({ launchers: [folderRow({ 'Filtre de nom de fichier': '*.*' })] }));
    expect(problem?.message).toBe(
      'launchers[0]["Filtre de nom de fichier"] is not known here: here it is called `filter`',
    );
  });

  test('never shows a secret that stands in the file', () => {
    const clear = 'hunter2';
    const error = errorOf(() =>
      parseScenario(
        JSON.stringify(
          sample({
            ezged: {
              mairie: {
                url: `https://a:${clear}@ged/`,
                user: 'a',
                password: clear,
                token: { env: `${clear} !` },
                proxy: `http://u:${clear}@p:1`,
              },
            },
            launchers: [
              mailRow({ password: clear, pasword: clear }),
              mailRow({ id: 3, password: [clear] }),
              mailRow({ id: 4, password: { value: clear } }),
            ],
          }),
        ),
      ),
    );
    expect(error.reason.problems?.map(({ code }) => code)).toContain('SCENARIO_CLEAR_SECRET');
    for (const text of [
      error.message,
      inFrench(error.reason),
      JSON.stringify(error.reason),
      String(error.stack),
    ]) {
      expect(text).not.toContain(clear);
    }
    expect(error.message).toContain('write { "env": "LANCEUR_PASSWORD" }');
  });

  test('is told of a launcher by itself, too', () => {
    expect(errorOf(() => parseRow(folderRow({ origin: 'depots' }))).reason.problems?.[0]?.message).toBe(
      'origin: expected an absolute path, such as "F:/depots", found "depots"',
    );
  });
});

describe('a text that is no JSON', () => {
  test.each<[string, string, RegExp]>([
    [
      'a path with single \\',
      '{\n  "ledger": "D:\\lanceur"\n}',
      /^the scenario is no JSON, line 2, column 16: a single \\ : in JSON a path is written with \/ or with/,
    ],
    ['a comment', '{\n  // ici\n}', /line 2, column 3: JSON knows no comments/],
    ['a comma too many', '{ "a": [1, 2,] }', /line 1, column 14: a , too many before \]/],
    ['a missing comma', '{ "a": 1\n  "b": 2 }', /line 2, column 3: expected , or \} here/],
    ['an end that is missing', '{ "a": [1', /expected , or \] here/],
    ['nothing', '', /it ends too early/],
    ['single quotes', "{ 'a': 1 }", /expected a name between "/],
    ['something after its end', '{} {}', /something comes after its end/],
    ['a text that goes on in the next line', '{ "a": "b\n" }', /a text without its closing "/],
    ['UTF-16 that was read as UTF-8', '\ufffd\ufffd{\0', /it is not UTF-8/],
    ['brackets without bound', '['.repeat(100_000), /nested deeper than 64/],
  ])('is told with line and column: %s', (_what, text, message) => {
    const error = errorOf(() => parseScenario(text));
    expect(error.code).toBe('SCENARIO_NOT_JSON');
    expect(error.message).toMatch(message);
    expect(inFrench(error.reason)).toMatch(/^le scénario n’est pas du JSON, ligne \d+, colonne \d+ : \S/);
  });

  test('that holds a name twice is refused, since the first would be lost', () => {
    const text = JSON.stringify(sample()).replace('"88":', '"87":');
    expect(mistakesIn(text)).toContain('SCENARIO_CONFLICT jobs["87"]');
  });
});

describe('what becomes of what was taken', () => {
  const after = (row: Json) => onlyMistake(sample({ launchers: [row] }));

  test('says all that can be written, and never suggests to delete', () => {
    for (const given of ['move', 'remov', 'removed', 'moveTo']) {
      const inMail = after(mailRow({ after: given }));
      expect(inMail.en).toMatch(
        /: expected "remove", "keep", "seen" or \{ "moveTo": "Traités" \}, or \{ "flag": .*, found "\w+"$/u,
      );
      expect(inMail.fr).toMatch(
        / : attendu "remove", "keep", "seen" ou \{ "moveTo": "Traités" \}, ou \{ "flag": .*"\w+"$/u,
      );
      expect(after(folderRow({ after: given })).en).toMatch(
        /: expected "remove", "keep" or \{ "moveTo": "F:\/traites" \}, found "\w+"$/u,
      );
      expect(after(mailRow({ protocol: 'POP', after: given })).en).toMatch(
        /: expected "remove" or "keep", found "\w+"$/u,
      );
    }
  });

  test('still suggests what is near and deletes nothing', () => {
    expect(after(mailRow({ after: 'seeen' })).en).toContain('did you mean seen?');
  });
});

test.each([
  ['mailbox', 'origin'],
  ['folder', 'origin'],
  ['from', 'since'],
  ['ca', 'caFile'],
  ['passwordInClear', 'allowClearText'],
  ['accessToken', 'oauth'],
])('a row with the library’s name %s is told that it is %s here', (name, field) => {
  expect(onlyMistake(sample({ launchers: [mailRow({ [name]: 'x' })] }))).toEqual({
    en: expect.stringContaining(`here it is called \`${field}\``),
    fr: expect.stringContaining(`il s’appelle \`${field}\` ici`),
  });
});
