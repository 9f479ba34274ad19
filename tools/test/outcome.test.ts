/** How the last line of a test run comes about, above all for what did not run. */
import { expect, test } from '@jest/globals';
import { jestOutcome, single, sum, summary } from '../verify/outcome.mjs';

const file = (name: string, ...statuses: string[]) => ({
  name,
  status: statuses.length === 0 || statuses.includes('failed') ? 'failed' : 'passed',
  assertionResults: statuses.map((status, index) => ({ status, fullName: `${name} case ${index}` })),
});
const report = (...testResults: ReturnType<typeof file>[]) => {
  const count = (status: string) =>
    testResults.flatMap(({ assertionResults }) => assertionResults).filter((result) => result.status === status).length;
  return {
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('pending'),
    numTodoTests: count('todo'),
    testResults,
  };
};

test('tests are counted over all files, and skips are named', () => {
  const result = jestOutcome(report(file('a', 'passed', 'pending'), file('b', 'passed', 'todo')), ['a', 'b'], 0);
  expect(result).toEqual({ passed: 2, failed: 0, skipped: 2, notes: ['skipped: a case 1', 'skipped: b case 1'] });
});

test('a failed test is a failure, and Jest has already shown it', () => {
  expect(jestOutcome(report(file('a', 'passed', 'failed')), ['a'], 1)).toEqual({
    passed: 1,
    failed: 1,
    skipped: 0,
    notes: [],
  });
});

test('a file that could not run, and one that was not found, are failures', () => {
  const result = jestOutcome(report(file('a', 'passed'), file('b')), ['a', 'b', 'c'], 1);
  expect(result).toEqual({ passed: 1, failed: 2, skipped: 0, notes: ['did not run: c', 'could not run: b'] });
});

test('an exit code without a failed test is a failure, and so is no report', () => {
  expect(jestOutcome(report(file('a', 'passed')), ['a'], 1).failed).toBe(1);
  expect(jestOutcome(report(file('a', 'passed')), ['a'], null).failed).toBe(1);
  expect(jestOutcome(undefined, ['a'], 0).failed).toBe(1);
});

test('checks and suites add up to one line', () => {
  const total = sum([single(true), single(false), { passed: 10, failed: 0, skipped: 3, notes: ['skipped: x'] }]);
  expect(summary(total)).toBe('11 passed, 1 failed, 3 skipped');
  expect(total.notes).toEqual(['skipped: x']);
  expect(summary(sum([]))).toBe('0 passed, 0 failed, 0 skipped');
});
