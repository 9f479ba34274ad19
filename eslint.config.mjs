// What ESLint checks: correctness with types, which package may import which, and the house style.

import nxPlugin from '@nx/eslint-plugin';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { arrows } from './tools/lint/arrows.mjs';
import { style } from './tools/lint/style.mjs';

/** Its types are those of an older ESLint. */
const nx = /** @type {import('eslint').ESLint.Plugin} */ (/** @type {unknown} */ (nxPlugin));

const noDefaultExport = { selector: 'ExportDefaultDeclaration', message: 'export by name' };
const noSingledOutTest = {
  selector: "MemberExpression[object.name=/^(test|it|describe)$/][property.name='only']",
  message: 'a test singled out hides all others',
};

export default defineConfig(
  globalIgnores(['**/dist', '**/build', '**/node_modules', 'coverage', '.nx']),
  tseslint.configs.recommendedTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: ['tsconfig.check.json', 'tools/tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { '@nx': nx, style },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // An index inside its bounds is proven by the loop around it, which types cannot see.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // A member of an asynchronous interface may have nothing to wait for; a no-op is a common default.
      '@typescript-eslint/require-await': 'off',
      // A named key and a type alias say what a table is.
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      // Walks over several arrays at once need the index.
      '@typescript-eslint/prefer-for-of': 'off',
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', noDefaultExport, noSingledOutTest],
      'style/opening-sentence': 'error',
    },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    rules: { 'style/documented-export': 'error', 'no-console': ['error', { allow: ['warn'] }] },
  },
  {
    // These run in browsers as well as in Node.
    files: ['packages/{core,layers,backend-js,backend-webgpu}/src/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*'], message: 'this package runs in browsers too' }] },
      ],
      'no-restricted-globals': [
        'error',
        'process',
        'Buffer',
        'require',
        'global',
        'window',
        'document',
        'setImmediate',
      ],
    },
  },
  {
    // A package's tests may take any other package along, such as a backend to run on.
    files: ['packages/*/src/**/*.ts', 'apps/*/src/**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': ['error', { depConstraints: arrows }] },
  },
  // Its fast mode writes a function per kernel.
  { files: ['packages/backend-js/src/**/*.ts'], rules: { '@typescript-eslint/no-implied-eval': 'off' } },
  // Tools and programs talk to the terminal; configuration files and Jest environments are found by default export.
  {
    files: ['*.config.mjs', 'test/environment/*.mjs', 'test/processes/*.mjs'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.mjs'],
    rules: { '@typescript-eslint/no-unsafe-argument': 'off', '@typescript-eslint/no-unsafe-assignment': 'off' },
  },
  // The libraries they run are outside of the workspace, and so are their types.
  {
    files: ['tools/bench/peers/*.mjs'],
    rules: {
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);
