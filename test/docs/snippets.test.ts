// The TypeScript that stands in the documentation, compiled strictly: what a reader copies has to work.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What a block takes from elsewhere: imports that it leaves out, and what the reader has. */
const GIVEN: Readonly<Record<string, string>> = {
  byExtension: `import { byExtension } from '@lanceur/core';`,
  inFrench: `import { inFrench } from '@lanceur/core';`,
  Launcher: `import { Launcher } from '@lanceur/core';`,
  nameFilter: `import { nameFilter } from '@lanceur/core';`,
  sqliteLedger: `import { sqliteLedger } from '@lanceur/core/sqlite';`,
  all: `import { all } from '@lanceur/protocols/directory';`,
  directory: `import { directory } from '@lanceur/protocols/directory';`,
  directoryProtocol: `import { directoryProtocol } from '@lanceur/protocols/directory';`,
  endMarks: `import { endMarks } from '@lanceur/protocols/directory';`,
  ezged: `import { ezged } from '@lanceur/protocols/ezged';`,
  waitingDirectory: `import { waitingDirectory } from '@lanceur/protocols/waiting-directory';`,
  adullactProtocol: `import { adullactProtocol } from '@lanceur/adullact';`,
  completeDeposit: `import { completeDeposit } from '@lanceur/adullact';`,
  decodeEnvelope: `import { decodeEnvelope } from '@lanceur/adullact';`,
  envelopes: `import { envelopes } from '@lanceur/adullact';`,
  createWriteStream: `import { createWriteStream } from 'node:fs';`,
  pipeline: `import { pipeline } from 'node:stream/promises';`,
  readFile: `import { readFile } from 'node:fs/promises';`,
  launcher: `declare const launcher: import('@lanceur/core').Launcher;`,
  ledger: `declare const ledger: import('@lanceur/core').Ledger;`,
  submitter: `declare const submitter: import('@lanceur/protocols/ezged').Ezged;`,
  accessToken: `declare const accessToken: () => Promise<string>;`,
  password: `declare const password: () => string;`,
  vault: `declare const vault: { read(name: string): Promise<string> };`,
  signal: `declare const signal: AbortSignal;`,
  store: `declare const store: (name: string, content: NodeJS.ReadableStream) => Promise<void>;`,
  warn: `declare const warn: (id: string, message: string) => void;`,
  ca: `declare const ca: string;`,
  clientId: `declare const clientId: string;`,
  myWorld: `declare const myWorld: NonNullable<Parameters<typeof lifeSuite>[0]>['world'];`,
  user: `declare const user: string;`,
};
/** What the reader is to have written: imports of these stand for what is declared above, or for an example. */
const OWN_MODULES = /^import \{ myWorld \} from '\.\/my-world\.js';$/mu;
const OUTBOX = /'\.\/outbox\.js'/u;

interface Block {
  readonly at: string;
  readonly text: string;
}

function blocks(): readonly Block[] {
  const pages = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...pages.map((name) => `docs/${name}`)].flatMap((page) => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    return [...text.matchAll(/^ *```ts\r?\n(.*?)^ *```/gmsu)].map(({ 1: code = '', index }): Block => {
      return { at: `${page}:${String(text.slice(0, index).split('\n').length)}`, text: code };
    });
  });
}

/** As a module: options by themselves are an object, and what it takes from elsewhere stands before it. */
function moduleOf({ text }: Block): string {
  const isOptions = /^\w+: /u.test(text);
  const own = text.replace(OWN_MODULES, '').replace(OUTBOX, `'../../docs/examples/own-listener.js'`);
  const code = isOptions ? `void ({ ${own} });` : own;
  const given = Object.entries(GIVEN).filter(([name]) => isUsed(name, code) && !isMade(name, code));
  return [...given.map(([, line]) => line), code, 'export {};'].join('\n');
}

function isUsed(name: string, code: string): boolean {
  return new RegExp(`(?<![\\w.'])${name}(?!\\w)`, 'u').test(code);
}

function isMade(name: string, code: string): boolean {
  return new RegExp(`^(?:import .*\\b${name}\\b|const ${name}\\b|const \\{[^}]*\\b${name}\\b)`, 'mu').test(
    code,
  );
}

test('every block of TypeScript in the documentation compiles', { timeout: 120_000 }, () => {
  const all = blocks();
  expect(all.length).toBeGreaterThan(20);
  const sources = new Map(
    all.map((block, n) => [join(ROOT, 'test', 'docs', `block-${String(n)}.ts`), block]),
  );
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(ROOT, 'test', 'tsconfig.json'), (path) => ts.sys.readFile(path)).config,
    ts.sys,
    join(ROOT, 'test'),
  );
  const strict: ts.CompilerOptions = {
    ...options,
    noEmit: true,
    // As a reader's own `strict: true` has it.
    exactOptionalPropertyTypes: false,
    noUnusedLocals: false,
    noPropertyAccessFromIndexSignature: false,
    skipLibCheck: true,
  };
  const host = ts.createCompilerHost(strict);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => sources.has(join(path)) || fileExists(path);
  host.getSourceFile = (path, language, ...rest) => {
    const block = sources.get(join(path));
    if (block === undefined) return getSourceFile.call(host, path, language, ...rest);
    return ts.createSourceFile(path, moduleOf(block), language);
  };
  const program = ts.createProgram({ rootNames: [...sources.keys()], options: strict, host });
  const wrong = [...sources].flatMap(([path, { at }]) => {
    const file = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
    return found.map(({ messageText }) => `${at}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  });
  expect(wrong).toEqual([]);
});
