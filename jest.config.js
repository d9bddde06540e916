import { availableParallelism } from 'node:os';

/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  // Tests wait half of their time: for processes of their own, the emulator, timers.
  maxWorkers: Math.ceil(1.5 * availableParallelism()),
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
