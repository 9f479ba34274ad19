// Brings a checkout to the state where everything runs: Node.js new enough, packages as the lock says, and, for the
// tests, the system packages of optional features; those of the native backend for programs as well. Does nothing,
// quickly, where nothing is missing.
//
// It needs nothing but Node.js, because it runs before anything is installed.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atLeast, mainError, oldestNode, whyInstall } from './decide.mjs';
import { features as allFeatures, provideFeatures } from './system.mjs';

/**
 * @typedef {import('./decide.mjs').Lock} Lock
 * @typedef {import('./system.mjs').Finding} Finding
 * @typedef {{ node: string, features: Record<string, Finding> }} Report what setup found, for `doctor` and the tests
 */

/** The root of the checkout. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Where the last setup wrote its report. */
export const reportPath = join(root, 'node_modules', '.antler-setup.json');

/** What programs want besides packages; the tests want all. */
const programFeatures = Object.fromEntries(Object.entries(allFeatures).filter(([, feature]) => feature.always));

/** A reason why nothing can run, to be shown as one line. */
export class SetupError extends Error {}

/**
 * @param {{ system: boolean, say?: (line: string) => void }} options `system`: also what only the tests want
 * @returns {Report}
 * @throws {SetupError} if Node.js is too old or the packages cannot be installed
 */
export function setup({ system, say = (line) => console.log(`setup: ${line}`) }) {
  if (!atLeast(process.version, oldestNode)) {
    throw new SetupError(`Antler needs Node.js ${oldestNode} or newer; this is ${process.version}`);
  }
  const lock = /** @type {Lock} */ (readJson(join(root, 'package-lock.json')));
  const installed = /** @type {Lock | undefined} */ (readJson(join(root, 'node_modules', '.package-lock.json')));
  const reason = whyInstall(lock, installed);
  if (reason !== undefined) installPackages(reason, say);
  const known = /** @type {Report | undefined} */ (readJson(reportPath));
  // A program that starts does not try again what failed: it may take minutes to fail.
  const wanted = system ? allFeatures : known?.features.native === undefined ? programFeatures : {};
  const features = { ...known?.features, ...provideFeatures(say, wanted) };
  const report = { node: process.version, features };
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (!existsSync(reportPath) || readFileSync(reportPath, 'utf8') !== text) writeFileSync(reportPath, text);
  return report;
}

/**
 * @param {string} reason
 * @param {(line: string) => void} say
 */
function installPackages(reason, say) {
  say(`${reason}: npm ci, about a minute`);
  const { status, stdout, stderr, error } = spawnSync(
    'npm',
    ['ci', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'],
    {
      cwd: root,
      encoding: 'utf8',
      shell: process.platform === 'win32',
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  if (status === 0) return;
  const cause = error?.message ?? mainError(`${stdout}\n${stderr}`);
  throw new SetupError(`the packages could not be installed (npm ci): ${cause}`);
}

/** @param {string} path @returns {unknown} what the JSON file says, undefined where there is none */
function readJson(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}
