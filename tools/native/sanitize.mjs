// `npm run test:sanitize`: the native backend's tests with every address and every undefined operation in C++ checked.
//
// The addon is built with AddressSanitizer and UndefinedBehaviorSanitizer in a folder of its own. The first error ends the run.
// Leaks are not looked for: V8 frees little at its end. Arguments are patterns of test files, instead of all that use the addon.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { root } from '../setup/setup.mjs';
import { runJest } from '../verify/jest.mjs';
import { addonIn, buildAddon, versionOf } from './build.mjs';

const tests = ['packages/backend-cpu-native/test', 'test/backends/.*native', 'test/(layers|recurrent|traps)/native'];

process.exitCode = main();

/** @returns {number} */
function main() {
  const runtime = runtimeOf('libasan.so');
  if ('missing' in runtime) return complain(runtime.missing);
  const folder = join(root, 'native', 'cpu', 'build', 'sanitize');
  const outcome = buildAddon(folder, ['ANTLER_SANITIZE=ON']);
  if (outcome.state === 'unavailable') return complain(outcome.reason);
  const given = process.argv.slice(2);
  const env = {
    ...process.env,
    ANTLER_ADDON: addonIn(folder),
    // Two, so that what threads share is seen, too.
    ANTLER_NUM_THREADS: '2',
    // A missing addon is a failure, not a skipped test.
    CI: 'true',
    LD_PRELOAD: runtime.path,
    ASAN_OPTIONS: 'detect_leaks=0:halt_on_error=1:allocator_may_return_null=1',
    UBSAN_OPTIONS: 'halt_on_error=1:print_stacktrace=1',
  };
  return runJest(['-w', '1', ...(given.length > 0 ? given : tests)], env) ?? 1;
}

/** @param {string} reason */
function complain(reason) {
  console.log(`test:sanitize: not possible here, ${reason}`);
  return 1;
}

/**
 * Where the compiler's own library for a sanitizer is, tried by compiling a program with it.
 *
 * @param {string} name
 * @returns {{ path: string } | { missing: string }}
 */
function runtimeOf(name) {
  const compiler = versionOf('c++');
  if (compiler === undefined) return { missing: 'no c++ found; on Debian: sudo apt-get install g++' };
  if (/clang/i.test(compiler) || process.platform !== 'linux') {
    return { missing: `it needs GCC on Linux, and c++ is ${compiler} on ${process.platform}` };
  }
  const path = spawnSync('c++', [`-print-file-name=${name}`], { encoding: 'utf8' }).stdout.trim();
  const folder = mkdtempSync(join(tmpdir(), 'antler-sanitize-'));
  try {
    writeFileSync(join(folder, 'empty.cpp'), 'int main() {}\n');
    const flags = ['-fsanitize=address,undefined', 'empty.cpp', '-o', 'empty'];
    const { status, stderr } = spawnSync('c++', flags, { cwd: folder, encoding: 'utf8' });
    // GCC gives a bare name back when it does not have the file.
    if (status === 0 && isAbsolute(path)) return { path };
    const said = stderr.split('\n').find((line) => line.includes('cannot find')) ?? `no ${name}`;
    return {
      missing: `${compiler} lacks the libraries of the sanitizers (${said.trim()}); on Debian: libasan and libubsan`,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
