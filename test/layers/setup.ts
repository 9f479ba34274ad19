/** What every test of @antler/layers needs: the js backend, the standard names, and numbers out of tensors. */
import { beforeAll, describe } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import { type Backend, type HostArray, type Tensor, registerBackends, setBackend, tensor } from '@antler/core';
import { installNames, standardNames } from '@antler/layers';
import { type GoldenCase, goldenArrays, goldenDifference } from '../golden/keras.js';

registerBackends({ js: createJsBackend });
installNames(standardNames);

/** Makes a fresh backend. */
export type Create = () => Backend | Promise<Backend>;

/** Runs the cases of a body on a backend of its own. */
export function onBackend(name: string, create: Create, body: () => void): void {
  describe(`on ${name}`, () => {
    beforeAll(async () => {
      registerBackends({ [name]: create });
      await setBackend(name);
    });
    body();
  });
}

/** `use_bias: true` → `useBias: true`, as our options are named; names of initializers and the like stay. */
export function camelCased<Options>(kwargs: Readonly<Record<string, unknown>>): Options {
  const entries = Object.entries(kwargs).map(([key, value]) => [
    key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.fromEntries(entries) as Options;
}

/** Tensors of a case whose names are `prefix.0`, `prefix.1`, … */
export function numbered(arrays: Readonly<Record<string, HostArray>>, prefix: string): HostArray[] {
  const list: HostArray[] = [];
  for (let i = 0; arrays[`${prefix}.${i}`] !== undefined; i++) list.push(arrays[`${prefix}.${i}`]!);
  return list;
}

/** Differences that exceed a tolerance, by name: `{}` when all is well. */
export async function differences(
  pairs: Readonly<Record<string, readonly [received: Tensor, expected: HostArray]>>,
  tolerance: number,
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, [received, expected]] of Object.entries(pairs)) {
    if (received.shape.join() !== expected.shape.join()) {
      found[name] = `shape [${received.shape.join(', ')}] instead of [${expected.shape.join(', ')}]`;
      continue;
    }
    const difference = goldenDifference(await received.data(), expected.data);
    if (!(difference <= tolerance)) found[name] = `differs by ${difference}`;
  }
  return found;
}

/** The arrays of a case, those named as tensors. */
export function goldenTensors(entry: GoldenCase): Readonly<Record<string, Tensor>> {
  return Object.fromEntries(Object.entries(goldenArrays(entry)).map(([name, array]) => [name, tensor(array)]));
}
