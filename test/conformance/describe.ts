/** `describeBackend`: the whole conformance suite for one backend. A backend's test file is one call of it. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import { DeviceError, closeBackend, registerBackends, setFusion, type Backend, type KernelKind } from '@antler/core';
import { modes, openFresh } from '../modes.js';
import { useReference } from './core/reference.js';
import { Session } from './core/session.js';
import { Device } from './device.js';
import { coreLayers, deviceLayers } from './layers.js';
import { expectFailure, reasonOf, runCase, unknownSkips, type Skip } from './skip.js';
import { defaultTolerance, type Tolerance } from './tolerance.js';

/** Kinds of kernel that are not there. */
interface Lacks {
  readonly reason: string;
  readonly kinds: readonly KernelKind[];
}

/** What a backend says about itself. */
export interface ConformanceOptions {
  readonly skip?: readonly Skip[];
  /** Kinds of kernel that it does not have yet, and why: what needs one is absent. */
  readonly lacks?: Lacks;
  /** Numbers that differ from the default table. */
  readonly tolerance?: Partial<Tolerance>;
}

/** A case, ready to run. */
interface Entry {
  readonly layer: string;
  readonly name: string;
  /** Runs it; false when it had nothing to show. */
  readonly run: () => Promise<boolean>;
  /** Runs it and throws if it passes. */
  readonly fail: () => Promise<void>;
}

/** Registers every case for a backend. `create` is called once, before the first case. */
export function describeBackend(
  name: string,
  create: () => Backend | Promise<Backend>,
  { skip = [], lacks, tolerance = {} }: ConformanceOptions = {},
): void {
  describe(name, () => {
    const tolerances = { ...defaultTolerance, ...tolerance };
    let backend: Backend;
    let opened: string;
    beforeAll(async () => {
      backend = await create();
    });

    const ofDevice = Object.entries(deviceLayers).flatMap(([layer, cases]) =>
      cases.map((one): Entry => ({
        layer,
        name: one.name,
        run: () => runCase(one, new Device(backend, tolerances, lacks?.kinds)),
        fail: () => expectFailure(one, new Device(backend, tolerances, lacks?.kinds)),
      })),
    );
    const ofCore = Object.entries(coreLayers).flatMap(([layer, cases]) =>
      cases.flatMap((one) =>
        modes.map((mode): Entry => {
          const session = (): Session => {
            setFusion(mode.fusion);
            return new Session(backend, tolerances, mode);
          };
          return {
            layer,
            name: `${one.name} (${mode.name})`,
            run: () => unlessLacking(runCase(one, session()), lacks?.kinds ?? []),
            fail: () => expectFailure(one, session()),
          };
        }),
      ),
    );
    register(ofDevice, skip);
    describe('core', () => {
      beforeAll(async () => {
        // Where core goes with what the device refuses.
        registerBackends({ js: createJsBackend });
        opened = await openFresh(() => backend);
      });
      register(ofCore, skip);
      afterAll(async () => {
        setFusion('auto');
        await useReference();
        await closeBackend(opened);
      });
    });

    test('every skip names a case', () => {
      const names = [...ofDevice, ...ofCore].map((entry) => `${entry.layer} > ${entry.name}`);
      expect(unknownSkips(names, skip)).toEqual([]);
    });
  });
}

/** Runs a case; false where core or the backend itself says that it refuses a kind that it lacks. */
async function unlessLacking(run: Promise<boolean>, kinds: readonly KernelKind[]): Promise<boolean> {
  return run.catch((error: unknown) => {
    const isSaid = (kind: string): boolean => /(refuses|received) (\w+)\./.exec((error as Error).message)?.[2] === kind;
    const refused = error instanceof DeviceError && kinds.some(isSaid);
    if (!refused) throw error;
    return false;
  });
}

function register(entries: readonly Entry[], skip: readonly Skip[]): void {
  for (const layer of new Set(entries.map((entry) => entry.layer))) {
    describe(layer, () => {
      for (const entry of entries) {
        if (entry.layer !== layer) continue;
        const reason = reasonOf(`${layer} > ${entry.name}`, skip);
        if (reason !== undefined) test(`${entry.name} (skipped: ${reason})`, () => entry.fail());
        // What the report counts as passed is what had something to show: an assertion each.
        else test(entry.name, async () => void ((await entry.run()) && expect(entry.name).toBeDefined()));
      }
    });
  }
}
