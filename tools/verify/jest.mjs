// How Jest is started: as ES modules, with the collector at hand for memory tests, and no promise rejected unheard.

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from '../setup/setup.mjs';

const nodeFlags = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  '--unhandled-rejections=strict',
  '--expose-gc',
];

/**
 * Runs Jest in the terminal and waits for it.
 *
 * @param {readonly string[]} args as for the jest command
 * @param {NodeJS.ProcessEnv} environment
 * @returns {number | null} its exit code, null if a signal ended it
 */
export function runJest(args, environment = process.env) {
  const jest = createRequire(join(root, 'package.json')).resolve('jest/bin/jest');
  // Jest has a process per core; native threads on top would wait for each other. Tests of threads ask for them.
  const env = { ANTLER_NUM_THREADS: '1', ...environment };
  return spawnSync(process.execPath, [...nodeFlags, jest, ...args], { cwd: root, stdio: 'inherit', env }).status;
}
