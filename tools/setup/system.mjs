// The system packages that some features want, and how to look for them and get them on Debian.
//
// Every feature here is optional: what is missing is reported with its reason, and the js backend runs without any. The
// native backend needs its compiler alone; without oneDNN (libdnnl-dev) it computes products by itself.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { decideSystemPackages, mainError } from './decide.mjs';

/**
 * What setup found out about one feature; `files` are the paths of its packages that others need.
 * @typedef {{ available: true, files: Record<string, string> } | { available: false, reason: string }} Finding
 *
 * @typedef {object} Feature
 * @property {string} title as it is printed
 * @property {readonly string[]} packages the Debian packages it needs
 * @property {Readonly<Record<string, { package: string, suffix: string }>>} files paths to look up in those packages
 * @property {boolean} [always] wanted by every program, not by the tests alone
 */

/** @type {Readonly<Record<string, Feature>>} */
export const features = {
  native: {
    title: 'native CPU backend',
    packages: ['g++', 'cmake', 'make', 'libdnnl-dev'],
    files: {},
    always: true,
  },
  webgpu: {
    title: 'WebGPU probe',
    packages: ['chromium-common', 'libvulkan1'],
    files: { vulkanDriver: { package: 'chromium-common', suffix: '/vk_swiftshader_icd.json' } },
  },
};

/**
 * Looks for each feature's packages and installs what is missing, where that is possible.
 *
 * @param {(line: string) => void} say
 * @param {Readonly<Record<string, Feature>>} wanted
 * @returns {Record<string, Finding>}
 */
export function provideFeatures(say, wanted = features) {
  const debian = existsSync('/usr/bin/dpkg-query') && existsSync('/usr/bin/apt-get');
  const root = process.getuid?.() === 0;
  /** @type {Record<string, Finding>} */
  const findings = {};
  for (const [name, feature] of Object.entries(wanted)) {
    const missing = feature.packages.filter((name) => !debian || !isInstalled(name));
    const decision = decideSystemPackages({ missing, debian, root });
    let reason = decision.action === 'tell' ? decision.reason : undefined;
    if (decision.action === 'install') {
      say(`installing ${missing.join(' ')} for the ${feature.title}`);
      reason = install(missing);
    }
    findings[name] = reason === undefined ? findFiles(feature) : { available: false, reason };
  }
  return findings;
}

/**
 * One line per feature that says whether it is there.
 *
 * @param {Record<string, Finding>} findings
 * @returns {string[]}
 */
export function describeFindings(findings) {
  return Object.entries(findings).map(([name, finding]) => {
    const state = finding.available ? 'available' : `unavailable, ${finding.reason}`;
    return `${features[name]?.title ?? name}: ${state}`;
  });
}

/** @param {string} name */
function isInstalled(name) {
  const query = spawnSync('dpkg-query', ['-W', '-f', '${Status}', name], { encoding: 'utf8' });
  return query.stdout === 'install ok installed';
}

/**
 * Installs Debian packages; returns why that failed, or undefined.
 *
 * @param {readonly string[]} names
 * @returns {string | undefined}
 */
function install(names) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', ...names]]) {
    const { status, stdout, stderr, error } = spawnSync('apt-get', ['--quiet=2', ...args], {
      encoding: 'utf8',
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 240_000,
    });
    // A package index that could not be refreshed may still be good enough; the installation decides.
    if (status === 0 || args[0] === 'update') continue;
    const cause = error?.message ?? mainError(`${stdout}\n${stderr}`);
    return `apt-get ${args[0]} failed: ${cause}`;
  }
  return undefined;
}

/**
 * @param {Feature} feature
 * @returns {Finding}
 */
function findFiles(feature) {
  /** @type {Record<string, string>} */
  const files = {};
  for (const [key, wanted] of Object.entries(feature.files)) {
    const list = spawnSync('dpkg', ['-L', wanted.package], { encoding: 'utf8' }).stdout;
    const path = list.split('\n').find((line) => line.endsWith(wanted.suffix));
    if (path === undefined) return { available: false, reason: `${wanted.package} holds no file *${wanted.suffix}` };
    files[key] = path;
  }
  return { available: true, files };
}
