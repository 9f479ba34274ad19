// Builds packages through nx: only what a target depends on, and only what changed since it was last built.

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { SetupError, root } from './setup.mjs';

/**
 * Runs nx and keeps quiet about it unless it fails.
 *
 * @param {readonly string[]} args as for the nx command, such as `['run', 'antler:build']`
 * @throws {SetupError} if it fails; what nx said went to stderr before
 */
export function runNx(args) {
  const nx = createRequire(join(root, 'package.json')).resolve('nx/bin/nx.js');
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [nx, ...args, '--outputStyle=static'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NX_DAEMON: 'false' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status === 0) return;
  process.stderr.write(`${stdout}${stderr}`);
  throw new SetupError(`nx ${args.join(' ')} failed${error === undefined ? '' : `: ${error.message}`}`);
}
