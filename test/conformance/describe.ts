/** `describeBackend`: the whole conformance suite for one backend. A backend's test file is one call of it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Backend } from '@antler/core';
import { Device } from './device.js';
import { layers } from './layers.js';
import { expectFailure, reasonOf, runCase, unknownSkips, type Skip } from './skip.js';
import { defaultTolerance, type Tolerance } from './tolerance.js';

/** What a backend says about itself. */
export interface ConformanceOptions {
  readonly skip?: readonly Skip[];
  /** Numbers that differ from the default table. */
  readonly tolerance?: Partial<Tolerance>;
}

/** Registers every case for a backend. `create` is called once, before the first case. */
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
      expect(unknownSkips(names, skip)).toEqual([]);
    });
  });
}
