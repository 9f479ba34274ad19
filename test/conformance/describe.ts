/** `describeBackend`: the whole conformance suite for one backend. A backend's test file is one call of it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Backend } from '@antler/core';
import { Declined, Device, type Case } from './device.js';
import { layers } from './layers.js';
import { defaultTolerance, type Tolerance } from './tolerance.js';

/** Cases that a backend does not pass yet, and why. A skipped case that passes fails the suite. */
export interface Skip {
  readonly reason: string;
  /** Full names (`layer > case`), or beginnings of names that end in `*`. */
  readonly tests: readonly string[];
}

/** What a backend says about itself. */
export interface ConformanceOptions {
  readonly skip?: readonly Skip[];
  /** Numbers that differ from the default table. */
  readonly tolerance?: Partial<Tolerance>;
}

/** Registers every case for a backend. `create` is called once; a backend with `violations` must end with none. */
export function describeBackend(
  name: string,
  create: () => Backend | Promise<Backend>,
  { skip = [], tolerance = {} }: ConformanceOptions = {},
): void {
  describe(name, () => {
    let device: Device;
    beforeAll(async () => {
      device = new Device(await create(), { ...defaultTolerance, ...tolerance });
    });
    afterAll(async () => {
      await device.backend.synchronize();
      device.backend.dispose();
    });
    for (const [layer, cases] of Object.entries(layers)) {
      describe(layer, () => {
        for (const one of cases) {
          const reason = reasonOf(`${layer} > ${one.name}`, skip);
          if (reason === undefined) test(one.name, () => runCase(one, device));
          else test(`${one.name} (skipped: ${reason})`, () => expectFailure(one, device));
        }
      });
    }
    test('every skip names a case', () => {
      const names = Object.entries(layers).flatMap(([layer, cases]) => cases.map((one) => `${layer} > ${one.name}`));
      const unknown = skip
        .flatMap(({ tests }) => tests)
        .filter((pattern) => !names.some((full) => fits(full, pattern)));
      expect(unknown).toEqual([]);
    });
  });
}

async function runCase(one: Case, device: Device): Promise<void> {
  if ((one.dtypes ?? ['float32']).some((dtype) => device.backend.bytes[dtype] === undefined)) return;
  try {
    await one.run(device);
  } catch (error) {
    if (error instanceof Declined) return;
    // What failed on the device belongs to this case, not to the next one.
    await device.backend.synchronize().catch(() => {});
    throw error;
  }
}

async function expectFailure(one: Case, device: Device): Promise<void> {
  try {
    await runCase(one, device);
  } catch {
    return;
  }
  throw new Error('This case passes now: remove its skip.');
}

function reasonOf(name: string, skip: readonly Skip[]): string | undefined {
  return skip.find(({ tests }) => tests.some((pattern) => fits(name, pattern)))?.reason;
}

function fits(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
