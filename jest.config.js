/** Jest 30 on Node's own type stripping: nothing is transformed. */
export default {
  transform: {},
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: '<rootDir>/test/support/unhandled.ts',
  globalSetup: '<rootDir>/test/support/unhandled-watch.ts',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testTimeout: 30_000,
  maxWorkers: 2,
  // Jest keeps the modules of every file until the end; more than a gigabyte takes longer to give back than half a second.
  workerGracefulExitTimeout: 20_000,
};
