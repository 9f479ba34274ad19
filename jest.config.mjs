// How every test in the workspace runs: ES modules, packages taken from their sources, swc only strips types.

/** @type {import('jest').Config} */
export default {
  testEnvironment: './test/environment/outer-realm.mjs',
  testEnvironmentOptions: { customExportConditions: ['@antler/source', 'node', 'node-addons'] },
  testMatch: [
    '<rootDir>/packages/*/test/**/*.test.ts',
    '<rootDir>/apps/*/test/**/*.test.ts',
    '<rootDir>/test/**/*.test.ts',
    '<rootDir>/tools/test/**/*.test.ts',
  ],
  // Nothing asserts time; a busy machine must not fail a test.
  testTimeout: 120_000,
  maxWorkers: '100%',
  // Collections take as long as what a process holds is big, and Jest's processes keep what earlier tests loaded.
  workerIdleMemoryLimit: '1GB',
  modulePathIgnorePatterns: ['/dist/', '/build/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
};
