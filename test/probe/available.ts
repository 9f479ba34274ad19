/** Tests that need a WebGPU device: where there is none they are reported as skipped, with the reason. */
import { expect, test } from '@jest/globals';
import type { Backend } from '@antler/core';
import { createWebGpuProbe } from './backend.js';

/** Opens the probe and registers tests on it. Under continuous integration a missing driver is a failure. */
export async function withProbe(tests: (probe: Backend) => void): Promise<void> {
  const probe = await createWebGpuProbe().catch((error: unknown) => error as Error);
  if (!(probe instanceof Error)) tests(probe);
  else if (process.env.CI) test('a WebGPU device', () => expect(probe.message).toBe('a device'));
  else test.skip(`a WebGPU device (${probe.message})`, () => undefined);
}
