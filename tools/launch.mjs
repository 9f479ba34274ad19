// `npm start`, `npm run doctor`: sets up, builds one project, and runs a program of it.
//
//   node tools/launch.mjs <project> <path of the built program> [arguments]
//
// Works in a fresh clone with nothing but Node.js and npm; the program inherits the terminal and decides the exit code.

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { runNx } from './setup/build.mjs';
import { SetupError, root, setup } from './setup/setup.mjs';

const [project = '', program = '', ...args] = process.argv.slice(2);
try {
  setup({ system: false });
  runNx(['run', `${project}:build`]);
  const child = spawn(process.execPath, ['--enable-source-maps', join(root, program), ...args], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to both; the program may want to finish first, so this process waits for it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[/** @type {NodeJS.Signals} */ (signal)];
  });
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`${program}: ${error.message}`);
  process.exitCode = 1;
}
