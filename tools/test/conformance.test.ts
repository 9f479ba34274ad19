/** The table of conformance: what it reads out of a report of tests, and how it is written. */
import { expect, test } from '@jest/globals';
import { conformancePage } from '../docs/conformance.mjs';

const assertion = (
  ancestorTitles: string[],
  title: string,
  status = 'passed',
  numPassingAsserts = 1,
): { ancestorTitles: string[]; title: string; status: string; numPassingAsserts: number } => ({
  ancestorTitles,
  title,
  status,
  numPassingAsserts,
});

test('cases are counted by backend and layer; skips come with their reasons', () => {
  const second = [
    assertion(['b', 'loop'], 'one'),
    assertion(['b', 'core', 'ops'], 'add (jit)', 'failed'),
    assertion(['b', 'core', 'ops'], 'sub (jit) (skipped: too slow)', 'passed', 0),
    assertion(['b', 'core', 'ops'], 'mul (jit) (skipped: too slow)', 'passed', 0),
    assertion(['b'], 'every skip names a case'),
  ];
  const first = [assertion(['a', 'loop'], 'one'), assertion(['a', 'loop'], 'two', 'passed', 0)];
  const report = {
    testResults: [
      { name: '/b.test.ts', assertionResults: second },
      { name: '/a.test.ts', assertionResults: first },
    ],
  };
  const page = conformancePage(report);
  expect(page).toContain(`
| Layer |            a |                       b |
| ----- | -----------: | ----------------------: |
| loop  | 1 (1 absent) |                       1 |
| ops   |            – | 0 (1 failed, 2 skipped) |
| all   | 1 (1 absent) | 1 (1 failed, 2 skipped) |

## Skipped on b

- too slow: 2 cases
`);
  expect(conformancePage({ testResults: [...report.testResults].reverse() })).toBe(page);
});
