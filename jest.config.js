/** Jest 30 on Node's own type stripping: nothing is transformed. */
export default {
  transform: {},
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: '<rootDir>/test/support/unhandled.ts',
  globalSetup: '<rootDir>/test/support/unhandled-watch.ts',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testTimeout: 30_000,
  maxWorkers: 2,
};
