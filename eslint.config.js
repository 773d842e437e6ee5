import { builtinModules } from 'node:module';
import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const BARE_BUILTINS = {
  paths: builtinModules
    .filter((name) => !name.startsWith('_') && !name.startsWith('node:'))
    .map((name) => ({ name, message: `Write 'node:${name}'.` })),
};

// TypeScript knows these; plain JavaScript has to be told.
const NODE_GLOBALS = Object.getOwnPropertyNames(globalThis);

/** @param {...string} packages - of this repository, that must not be imported */
function without(...packages) {
  return {
    ...BARE_BUILTINS,
    patterns: packages.map((name) => ({
      group: [`@lanceur/${name}`, `@lanceur/${name}/*`, `**/${name}/src/**`, `**/${name}/dist/**`],
      message: 'core depends on no other package; protocols and adullact on core alone.',
    })),
  };
}

export default defineConfig(
  globalIgnores(['**/dist/', '.cache/', '.demo/', 'coverage/']),
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['vitest.config.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // Contracts are written as methods and most blocks are closures, made to be taken apart: `{ name, has }`.
      '@typescript-eslint/unbound-method': 'off',
      // `result: void` in a table of calls.
      '@typescript-eslint/no-invalid-void-type': 'off',
      // `{ sent: _sent, ...rest }` says what is left out.
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      'no-restricted-imports': ['error', BARE_BUILTINS],
      eqeqeq: 'error',
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    rules: {
      'no-console': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Name what is exported.' },
      ],
    },
  },
  {
    files: ['packages/core/src/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', without('protocols', 'adullact')] },
  },
  {
    files: ['packages/protocols/src/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', without('adullact')] },
  },
  {
    files: ['packages/adullact/src/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', without('protocols')] },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Doubles satisfy an asynchronous contract without anything to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      // `expect.any()` and its like are typed `any`.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      // Names from outside hold control characters; the tests say which.
      'no-control-regex': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { globals: Object.fromEntries(NODE_GLOBALS.map((name) => [name, 'readonly'])) },
    rules: { 'no-restricted-imports': ['error', BARE_BUILTINS] },
  },
);
