// `npm start`: sets up, builds what the app needs, and runs it with the arguments given after `--`.
//
// Works in a fresh clone with nothing but Node.js and npm; the app inherits the terminal and decides the exit code.

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { runNx } from './setup/build.mjs';
import { SetupError, root, setup } from './setup/setup.mjs';

try {
  setup({ system: false });
  runNx(['run', '@antler/app-mnist:build']);
  const app = join(root, 'apps', 'mnist', 'dist', 'main.js');
  const child = spawn(process.execPath, ['--enable-source-maps', app, ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to both; the app may want to finish first, so this process waits for it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[/** @type {NodeJS.Signals} */ (signal)];
  });
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`start: ${error.message}`);
  process.exitCode = 1;
}
