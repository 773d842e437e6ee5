import { nearest } from '../unknown-options.js';
import type { Problems } from './problems.js';
import type { ProtocolName } from './row.js';
import { shown, type Shape } from './shape/shape.js';
import { withHint } from './shape/values.js';
import { words } from './words.js';

/** How each may be written: in any case, and as EzGED's screen does. JavaScript and JSON Schema read these alike. */
export const PROTOCOL_PATTERNS: Readonly<Record<ProtocolName, string>> = {
  directory: `^(?:${anyCase('directory')}|[rR](?:[eE]\u0301?|[éÉ])${anyCase('pertoire')})$`,
  imap: `^${anyCase('imap')}$`,
  pop: `^${anyCase('pop')}3?$`,
  adullact: `^${anyCase('adullact')}$`,
};

/** As they stand on EzGED's screen, and in this SDK: what an editor offers. */
export const PROTOCOL_SPELLINGS: readonly string[] = [
  'directory',
  'imap',
  'pop',
  'adullact',
  'Répertoire',
  'IMAP',
  'POP',
  'Adullact',
];

const NAMES = Object.keys(PROTOCOL_PATTERNS) as readonly ProtocolName[];
const EXPECTED = words(
  'a protocol: "directory", "imap", "pop" or "adullact"',
  'un protocole : "Répertoire", "IMAP", "POP" ou "Adullact"',
);

/** The protocol in its plain form; `undefined` if it is none. */
export function protocolOf(text: unknown): ProtocolName | undefined {
  if (typeof text !== 'string') return undefined;
  return NAMES.find((name) => new RegExp(PROTOCOL_PATTERNS[name], 'u').test(text));
}

/** The protocol that may have been meant. */
export function nearestProtocol(text: unknown): ProtocolName | undefined {
  if (typeof text !== 'string') return undefined;
  const near = nearest(text, PROTOCOL_SPELLINGS);
  return protocolOf(near);
}

export function protocolShape<P extends ProtocolName>(protocol: P): Shape<P> {
  return {
    expected: EXPECTED,
    schema: { type: 'string', pattern: PROTOCOL_PATTERNS[protocol] },
    read(value, path, problems) {
      if (protocolOf(value) === protocol) return protocol;
      reportProtocol(value, path, problems);
      return undefined;
    },
  };
}

export function reportProtocol(value: unknown, path: string, problems: Problems): void {
  problems.wrong(path, EXPECTED, withHint(shown(value), nearestProtocol(value)));
}

function anyCase(word: string): string {
  return word.replace(/[a-z]/gu, (c) => `[${c}${c.toUpperCase()}]`);
}
