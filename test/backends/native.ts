/** Tests that need the native backend: where its addon cannot be built they are reported as skipped, with the reason. */
import { expect, test } from '@jest/globals';
import { createNativeBackend, whyUnavailable } from '@antler/backend-cpu-native';
import type { Backend } from '@antler/core';

/** Registers tests on it. Under continuous integration a missing addon is a failure. */
export function withNative(tests: (create: () => Backend) => void): void {
  const reason = whyUnavailable();
  if (reason === undefined) tests(() => createNativeBackend());
  else if (process.env.CI) test('the native backend', () => expect(reason).toBeUndefined());
  else test.skip(`the native backend (${reason})`, () => undefined);
}
