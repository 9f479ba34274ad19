// Builds the addon of the native CPU backend with CMake, if a compiler is there and something changed since the last time.
//
// A machine without a compiler is no failure: Antler then computes in JavaScript, and `doctor` says why.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { root } from '../setup/setup.mjs';
import { filesBelow } from '../sources.mjs';

/** Where CMake works, and the addon lies. */
const usualFolder = join(root, 'packages', 'backend-cpu-native', 'build');
/** @param {string} folder what is to be loaded of a build */
export const addonIn = (folder) => join(folder, 'Release', 'antler_load.node');

/** @type {Partial<Record<NodeJS.Platform, string>>} */
const remedies = {
  linux: 'on Debian: sudo apt-get install g++ cmake make libdnnl-dev',
  darwin: 'xcode-select --install, and brew install cmake libomp onednn',
  // Its own compiler lacks vectors as types.
  win32: 'the build needs GCC or Clang under the name c++, and CMake',
};

/** @typedef {{ state: 'unchanged' | 'built' } | { state: 'unavailable', reason: string }} Outcome */

/**
 * Builds it in a folder, with options of CMake. There lie also a stamp of what it was built from, or why there is none: the
 * backend's `whyUnavailable` reads the latter.
 *
 * @param {string} folder
 * @param {readonly string[]} options such as ANTLER_SANITIZE=ON
 * @returns {Outcome}
 */
export function buildAddon(folder = usualFolder, options = []) {
  const addon = addonIn(folder);
  const stampPath = join(folder, 'stamp');
  /** @param {string} reason @returns {Outcome} */
  const unavailable = (reason) => {
    rmSync(addon, { force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'unavailable.txt'), `${reason}\n`);
    return { state: 'unavailable', reason };
  };
  const missing = ['c++', 'cmake'].filter((command) => versionOf(command) === undefined);
  if (missing.length > 0) {
    return unavailable(`no ${missing.join(' and no ')} found; ${remedies[process.platform] ?? remedies.linux}`);
  }
  const wishes = [...options, ...(process.env.ANTLER_WITHOUT_ONEDNN ? ['ANTLER_WITH_ONEDNN=OFF'] : [])];
  const stamp = fingerprint(wishes);
  if (existsSync(addon) && existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp) {
    return { state: 'unchanged' };
  }
  rmSync(folder, { recursive: true, force: true });
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [
      join(packageFolder('cmake-js'), 'bin', 'cmake-js'),
      'compile',
      ...['--directory', join(root, 'native', 'cpu'), '--out', folder, '--parallel', '2'],
      ...wishes.map((wish) => `--CD${wish}`),
    ],
    { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
  );
  if (status !== 0 || !existsSync(addon)) {
    process.stderr.write(`${stdout}${stderr}`);
    return unavailable(`its addon could not be compiled: ${error?.message ?? firstError(`${stdout}\n${stderr}`)}`);
  }
  writeFileSync(stampPath, stamp);
  return { state: 'built' };
}

/**
 * What the result depends on: the sources, the wishes, the tools and libraries around, and the machine.
 *
 * @param {readonly string[]} wishes
 */
function fingerprint(wishes) {
  const hash = createHash('sha256');
  const sources = filesBelow(join(root, 'native'), /\.(cpp|h|txt|json)$/).sort();
  for (const file of sources)
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  const facts = [
    versionOf('c++'),
    versionOf('cmake'),
    ...['cmake-js', 'node-addon-api', 'node-api-headers'].map((name) => packageFolder(name)),
    // What the build looks for: with it or without it, another addon comes out.
    ...['/usr', '/usr/local', '/opt/homebrew'].flatMap((prefix) =>
      ['dnnl.hpp', 'oneapi/dnnl/dnnl.hpp'].map((header) => String(existsSync(join(prefix, 'include', header)))),
    ),
    ...wishes,
    `${process.platform} ${process.arch}`,
  ];
  return hash.update(facts.join('\n')).digest('hex');
}

/** @param {string} command @returns {string | undefined} the first line of what `--version` says */
export function versionOf(command) {
  const { status, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n')[0] : undefined;
}

/** @param {string} name */
function packageFolder(name) {
  return join(createRequire(join(root, 'package.json')).resolve(`${name}/package.json`), '..');
}

/** @param {string} output */
function firstError(output) {
  const lines = output.split('\n').map((line) => line.trim());
  return lines.find((line) => /error/i.test(line)) ?? 'no reason given';
}
