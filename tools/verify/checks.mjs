// The checks besides the tests: each is a command that passes or fails as a whole.

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { root } from '../setup/setup.mjs';

/** @typedef {{ title: string, command: readonly string[] }} Check a command is a script for Node.js with arguments */
/** @typedef {Check & { passed: boolean, seconds: number, output: string }} CheckResult */

/** The slow ones first, so that the quick ones fill the gaps. @type {readonly Check[]} */
export const checks = [
  { title: 'lint', command: ['tools/lint/main.mjs'] },
  { title: 'types', command: [bin('typescript', 'bin/tsc'), '-p', 'tsconfig.check.json'] },
  { title: 'types of the tools', command: [bin('typescript', 'bin/tsc'), '-p', 'tools'] },
  { title: 'format', command: [bin('prettier', 'bin/prettier.cjs'), '--check', '--log-level=warn', '.'] },
  { title: 'import cycles', command: ['tools/cycles/main.mjs'] },
  { title: 'lines', command: ['tools/lines/main.mjs', '--brief'] },
];

/**
 * Runs checks, two at a time, and tells of each as it ends.
 *
 * @param {readonly Check[]} all
 * @param {(result: CheckResult) => void} tell
 * @returns {Promise<CheckResult[]>}
 */
export async function runChecks(all, tell) {
  const waiting = [...all];
  /** @type {CheckResult[]} */
  const results = [];
  const lane = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const result = await runCheck(check);
      results.push(result);
      tell(result);
    }
  };
  await Promise.all([lane(), lane()]);
  return results;
}

/** @param {Check} check @returns {Promise<CheckResult>} */
function runCheck(check) {
  return new Promise((resolve) => {
    const start = performance.now();
    let output = '';
    const child = spawn(process.execPath, check.command, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += String(part)));
    child.on('close', (code) => {
      resolve({ ...check, passed: code === 0, seconds: (performance.now() - start) / 1000, output });
    });
  });
}

/**
 * The path of a package's command.
 *
 * @param {string} name
 * @param {string} path
 */
function bin(name, path) {
  return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), path);
}
