// `npm run faults`: plants each fault in a copy of the workspace and says whether the fuzzer noticed. Not part of the
// tests: it takes minutes. `FUZZ_GRAPHS` says how many graphs each fault may survive (default 400).

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { faults } from './faults.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'antler-faults-'));
/** So many have to be noticed. */
const wanted = 18;

try {
  copyWorkspace();
  const missed = faults.filter((fault, i) => !isNoticed(fault, i));
  console.log(`${faults.length - missed.length} of ${faults.length} planted faults were noticed`);
  if (faults.length - missed.length < wanted) process.exitCode = 1;
} finally {
  rmSync(copy, { recursive: true });
}

/** Sources are copied; what is installed is linked, but for the packages of the workspace themselves. */
function copyWorkspace() {
  const skipped = new Set(['node_modules', 'dist', '.nx', '.git']);
  const filter = (/** @type {string} */ path) => !skipped.has(basename(path));
  for (const name of ['packages', 'test', 'jest.config.mjs', 'package.json']) {
    cpSync(join(root, name), join(copy, name), { recursive: true, filter });
  }
  const modules = join(copy, 'node_modules');
  mkdirSync(join(modules, '@antler'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@antler' && name !== 'antler') symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  for (const name of ['core', 'backend-js']) symlinkSync(join(copy, 'packages', name), join(modules, '@antler', name));
}

/** @param {import('./faults.mjs').Fault} fault @param {number} number */
function isNoticed({ file, from, to }, number) {
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(from).length !== 2) throw new Error(`${file} has not one: ${from}`);
  writeFileSync(path, text.replaceAll(from, to));
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const args = ['--experimental-vm-modules', jest, '--rootDir', copy, '--config', join(copy, 'jest.config.mjs')];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...args, 'test/fuzz/fuzz.test'], {
    cwd: copy,
    env: { ...process.env, FUZZ_SHRINK: 'no' },
    encoding: 'utf8',
  });
  writeFileSync(path, text);
  const reason = /seed \d+: .*/.exec(stdout + stderr)?.[0] ?? 'no graph failed';
  const isFound = status !== 0 && reason.startsWith('seed');
  console.log(
    `${isFound ? 'noticed' : 'MISSED '} ${number + 1} ${file}: ${from.slice(0, 50)} (${reason.slice(0, 100)})`,
  );
  return isFound;
}
