/**
 * Tests that need the native backend. Where its addon cannot be loaded they are reported as skipped, with the reason; under
 * continuous integration that is a failure.
 */
import { describe, expect, test } from '@jest/globals';
import { createNativeBackend, whyUnavailable } from '@antler/backend-cpu-native';
import type { Backend } from '@antler/core';
import { loadAddon, type Addon } from '../../packages/backend-cpu-native/src/addon.js';

/** The addon itself, for tests within `describeNative`. */
export const addon: Addon = loadAddon() as Addon;

function register(tests: () => void): void {
  const reason = whyUnavailable();
  if (reason === undefined) tests();
  else if (process.env.CI) test('the native backend', () => expect(reason).toBeUndefined());
  else test.skip(`the native backend (${reason})`, () => undefined);
}

/** Registers tests on the backend. */
export function withNative(tests: (create: () => Backend) => void): void {
  register(() => tests(() => createNativeBackend()));
}

/** Registers a group of tests on the addon. */
export function describeNative(name: string, tests: () => void): void {
  describe(name, () => register(tests));
}
