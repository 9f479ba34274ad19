// `npm test`: everything that has to hold – build, style, types, boundaries, budgets, tests – in one run.
//
// The last line is `N passed, N failed, N skipped`, where each check counts as one; what was skipped is named above it.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runNx } from './setup/build.mjs';
import { SetupError, root, setup } from './setup/setup.mjs';
import { describeFindings } from './setup/system.mjs';
import { filesBelow } from './sources.mjs';
import { jestOutcome, single, sum, summary } from './verify/outcome.mjs';

/** @typedef {import('./verify/outcome.mjs').Outcome} Outcome */
/** @typedef {import('./verify/outcome.mjs').JestReport} JestReport */

/** @type {Outcome[]} */
const outcomes = [];
try {
  for (const line of describeFindings(setup({ system: true }).features)) console.log(line);
  outcomes.push(build(), ...(await check()), await test());
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  outcomes.push({ ...single(false), notes: [error.message] });
}
const outcome = sum(outcomes);
for (const note of outcome.notes) console.log(note);
console.log(summary(outcome));
if (outcome.failed > 0) process.exitCode = 1;

/** @returns {Outcome} */
function build() {
  try {
    runNx(['run-many', '--target=build']);
    console.log('passed: build');
    return single(true);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return { ...single(false), notes: [`failed: build (${error.message})`] };
  }
}

/** @returns {Promise<Outcome[]>} */
async function check() {
  // Loaded late, because it needs what setup installs.
  const { checks, runChecks } = await import('./verify/checks.mjs');
  const results = await runChecks(checks, ({ title, passed, seconds, output }) => {
    console.log(`${passed ? 'passed' : 'failed'}: ${title} (${seconds.toFixed(1)} s)`);
    if (!passed) console.log(output.trimEnd());
  });
  return results.map(({ title, passed }) => ({ ...single(passed), notes: passed ? [] : [`failed: ${title}`] }));
}

/** @returns {Promise<Outcome>} */
async function test() {
  const { runJest } = await import('./verify/jest.mjs');
  const folder = mkdtempSync(join(tmpdir(), 'antler-test-'));
  try {
    const path = join(folder, 'report.json');
    const exitCode = runJest(['--ci', '--json', `--outputFile=${path}`]);
    const text = existsSync(path) ? readFileSync(path, 'utf8') : 'null';
    const report = /** @type {JestReport | null} */ (JSON.parse(text));
    return jestOutcome(report ?? undefined, filesBelow(root, /\.test\.ts$/), exitCode);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
