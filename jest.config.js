/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  // By default one processor is left idle; but the longest tests wait for processes of their own.
  maxWorkers: '100%',
  testSequencer: '<rootDir>/test/support/sequencer.js',
  // Far more than any test takes: on a busy machine they only take longer.
  testTimeout: 120_000,
  testMatch: ['**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/run-begin.js',
  globalTeardown: '<rootDir>/test/support/run-end.js',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
  // Sources name their siblings as the built files are named (.js), as TypeScript's nodenext asks.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
};
