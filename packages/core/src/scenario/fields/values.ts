import type { SecretRef } from '../secret-ref.js';
import { object, required } from '../shape/composite.js';
import { isObject, shown, type Shape } from '../shape/shape.js';
import { as, either, number, text } from '../shape/values.js';
import { words } from '../words.js';

/** Of this machine or of the one that the scenario is for: `F:\depots`, `\\serveur\partage`, `/srv/depots`. */
export const absolutePath: Shape<string> = text(
  words('an absolute path, such as "F:/depots"', 'un chemin absolu, comme "F:/depots"'),
  { pattern: '^(?:[A-Za-z]:[\\\\/]|[\\\\/]{2}[^\\\\/]|/)' },
);

export const oneLine: Shape<string> = text(words('a text in one line', 'un texte d’une ligne'));

/** EzGED numbers its launchers and jobs. */
export const numberOrName: Shape<string> = as(
  either(
    number({ from: 0 }),
    text(words('a name without blanks around it', 'un nom sans blancs autour'), {
      pattern: '^\\S(?:.*\\S)?$',
    }),
    (value) => typeof value === 'number',
  ),
  String,
);

const ENV = text(words('the name of a variable', 'le nom d’une variable'), {
  pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
  hidden: true,
});
const EXAMPLE = words(
  '{ "env": "LANCEUR_PASSWORD" } or { "file": "D:/lanceur/secrets/password" }',
  '{ "env": "LANCEUR_PASSWORD" } ou { "file": "D:/lanceur/secrets/password" }',
);
const EXPECTED = words(`a secret by reference: ${EXAMPLE.en}`, `une référence à un secret : ${EXAMPLE.fr}`);

const byEnv = object<{ readonly env: string }>(EXPECTED, {
  env: required(
    ENV,
    words(
      'Name of the environment variable that holds it.',
      'Nom de la variable d’environnement qui le contient.',
    ),
    'LANCEUR_PASSWORD',
  ),
});
const byFile = object<{ readonly file: string }>(EXPECTED, {
  file: required(
    absolutePath,
    words('File that holds it, and nothing else.', 'Fichier qui le contient, et lui seul.'),
    'D:/lanceur/secrets/password',
  ),
});
const reference: Shape<SecretRef> = either(
  byFile,
  byEnv,
  (value) => isObject(value) && Object.hasOwn(value, 'file'),
);

/** No message shows what stands in its place. */
export const secret: Shape<SecretRef> = {
  expected: EXPECTED,
  schema: reference.schema,
  read(value, path, problems) {
    if (isObject(value)) return reference.read(value, path, problems);
    if (typeof value === 'string' || typeof value === 'number') problems.clearSecret(path, EXAMPLE);
    else problems.wrong(path, EXPECTED, shown(value === undefined ? undefined : null));
    return undefined;
  },
};

const SCHEMES = {
  http: 'http://',
  'http or https': 'https?://',
  /** In clear only to this machine. */
  'https, or http to loopback':
    'https://|http://(?=(?:localhost|127(?:\\.\\d{1,3}){3}|\\[::1\\])(?::\\d+)?(?:/|$))',
} as const;

/** An address on the web; without user and password, which would stand in clear in the file. */
export function webAddress(expected: string, attendu: string, scheme: keyof typeof SCHEMES): Shape<string> {
  return text(words(expected, attendu), {
    pattern: `^(?:${SCHEMES[scheme]})[^\\s/?#@\\\\]+(?:/[^\\s?#]*)?$`,
    hidden: true,
  });
}
