// Outcomes of checks and suites: three counts that can be added, and what lies behind those that are not passes.

/**
 * @typedef {object} Outcome
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {readonly string[]} notes one line for each failure that the output above does not show, and each skip
 *
 * The parts of Jest's JSON report that count here.
 * @typedef {object} JestReport
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {readonly JestFile[]} testResults
 *
 * @typedef {object} JestFile
 * @property {string} name its absolute path
 * @property {string} status
 * @property {readonly { status: string, fullName: string }[]} assertionResults empty where the file could not run
 */

/** What one check that passed or failed as a whole counts. @param {boolean} passed @returns {Outcome} */
export function single(passed) {
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0, notes: [] };
}

/** @param {readonly Outcome[]} outcomes @returns {Outcome} */
export function sum(outcomes) {
  return {
    passed: outcomes.reduce((total, { passed }) => total + passed, 0),
    failed: outcomes.reduce((total, { failed }) => total + failed, 0),
    skipped: outcomes.reduce((total, { skipped }) => total + skipped, 0),
    notes: outcomes.flatMap(({ notes }) => notes),
  };
}

/**
 * What a run of Jest amounts to. A test file that could not run counts as one failure, and so does one that exists but
 * that Jest did not find, and an exit code that contradicts the report.
 *
 * @param {JestReport | undefined} report undefined if Jest wrote none
 * @param {readonly string[]} files the test files that exist, as absolute paths
 * @param {number | null} exitCode
 * @returns {Outcome}
 */
export function jestOutcome(report, files, exitCode) {
  if (report === undefined) return { ...single(false), notes: ['Jest ended without a report'] };
  const ran = new Set(report.testResults.map(({ name }) => name));
  const unseen = files.filter((file) => !ran.has(file)).map((file) => `did not run: ${file}`);
  const broken = report.testResults
    .filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0)
    .map(({ name }) => `could not run: ${name}`);
  const failed = report.numFailedTests + unseen.length + broken.length;
  const contradiction = exitCode !== 0 && failed === 0 ? [`Jest ended with exit code ${exitCode}`] : [];
  const skips = report.testResults.flatMap(({ assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'pending' || status === 'todo')
      .map(({ fullName }) => `skipped: ${fullName}`),
  );
  return {
    passed: report.numPassedTests,
    failed: failed + contradiction.length,
    skipped: report.numPendingTests + report.numTodoTests,
    notes: [...skips, ...unseen, ...broken, ...contradiction],
  };
}

/** The line that ends every run. @param {Outcome} outcome @returns {string} */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
