/** What setup decides to do, for machines in every state. */
import { describe, expect, test } from '@jest/globals';
import { atLeast, decideSystemPackages, mainError, whyInstall } from '../setup/decide.mjs';

test('versions compare by number, not by letter', () => {
  expect(atLeast('v20.19.0', '20.19.0')).toBe(true);
  expect(atLeast('v20.9.0', '20.19.0')).toBe(false);
  expect(atLeast('v22.1.0', '20.19.0')).toBe(true);
  expect(atLeast('v18.20.4', '20.19.0')).toBe(false);
  expect(atLeast('v24.0.0-nightly', '20.19.0')).toBe(true);
});

describe('packages are installed', () => {
  const lock = {
    packages: {
      '': { version: '0.1.0' },
      'packages/core': { version: '0.1.0' },
      'node_modules/@antler/core': { link: true },
      'node_modules/jest': { version: '30.5.2', integrity: 'sha512-a' },
      'node_modules/jest/node_modules/other-platform': { version: '1.0.0', optional: true },
    },
  };
  const installed = {
    packages: {
      'node_modules/@antler/core': { link: true },
      'node_modules/jest': { version: '30.5.2', integrity: 'sha512-a' },
    },
  };
  const without = (path: string) => ({
    packages: Object.fromEntries(Object.entries(installed.packages).filter(([key]) => key !== path)),
  });

  test('not if they match, where an optional one may be absent and others may be there', () => {
    expect(whyInstall(lock, installed)).toBeUndefined();
    expect(whyInstall(lock, { packages: { ...installed.packages, 'node_modules/x': {} } })).toBeUndefined();
  });

  test('if there are none', () => {
    expect(whyInstall(lock, undefined)).toBe('nothing is installed yet');
    expect(whyInstall(lock, {})).toBe('nothing is installed yet');
  });

  test('if one is missing, of another version, or of other content', () => {
    expect(whyInstall(lock, without('node_modules/jest'))).toBe('jest is missing');
    expect(whyInstall(lock, without('node_modules/@antler/core'))).toBe('@antler/core is missing');
    const older = { packages: { ...installed.packages, 'node_modules/jest': { version: '29.7.0' } } };
    expect(whyInstall(lock, older)).toBe('jest is 29.7.0, the lock says 30.5.2');
    const other = { packages: { ...installed.packages, 'node_modules/jest': { version: '30.5.2', integrity: 'b' } } };
    expect(whyInstall(lock, other)).toBe('jest differs from the lock');
  });
});

describe('system packages', () => {
  test('nothing is done where nothing is missing', () => {
    expect(decideSystemPackages({ missing: [], debian: false, root: false })).toEqual({ action: 'nothing' });
  });

  test('root on Debian installs', () => {
    expect(decideSystemPackages({ missing: ['a'], debian: true, root: true })).toEqual({ action: 'install' });
  });

  test('others are told the exact command', () => {
    expect(decideSystemPackages({ missing: ['a', 'b'], debian: true, root: false })).toEqual({
      action: 'tell',
      reason: 'not root; run: sudo apt-get install --no-install-recommends a b',
    });
    expect(decideSystemPackages({ missing: ['a'], debian: false, root: true })).toEqual({
      action: 'tell',
      reason: 'this system is not Debian; what a is there has to come from it',
    });
  });
});

test('of a failed command, the line that says most is kept', () => {
  const npm = [
    'npm warn something else',
    'npm error code ECONNREFUSED',
    'npm error syscall connect',
    'npm error',
    'npm error FetchError: request to https://host/x failed, reason: connect ECONNREFUSED',
    'npm error     at ClientRequest.<anonymous>',
    'npm error A complete log of this run can be found in: /tmp/x.log',
  ].join('\n');
  expect(mainError(npm)).toBe('FetchError: request to https://host/x failed, reason: connect ECONNREFUSED');
  expect(mainError('Reading…\nE: Unable to locate package x\n')).toBe('Unable to locate package x');
  expect(mainError('first\nkilled\n')).toBe('killed');
  expect(mainError('')).toBe('no output');
});
