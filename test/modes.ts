/** The three ways in which core runs what is recorded; whatever holds must hold in each of them, on every backend. */
import { jit, memory, registerBackends, setBackend, type Backend, type Fusion } from '@antler/core';

/** How a step is run: node by node, fused, or as one jitted program. */
export interface Mode {
  readonly name: string;
  readonly fusion: Fusion;
  /** Wraps what the test would compile. */
  readonly compile: <A extends readonly unknown[], R>(f: (...args: A) => R) => (...args: A) => R;
}

const plainly = <A extends readonly unknown[], R>(f: (...args: A) => R): ((...args: A) => R) => f;

export const modes: readonly Mode[] = [
  { name: 'node by node', fusion: 'never', compile: plainly },
  { name: 'fused', fusion: 'always', compile: plainly },
  { name: 'jit', fusion: 'auto', compile: (f) => jit(f) },
];

let devices = 0;

/** Opens a fresh device of a backend, so that counts start at zero, and makes it the default. */
export async function openFresh(create: () => Backend | Promise<Backend>): Promise<string> {
  const name = `test-${devices++}`;
  registerBackends({ [name]: create });
  await setBackend(name);
  return name;
}

/** Counts of one device. */
export function countsOf(name: string): ReturnType<typeof memory>['devices'][number] {
  const found = memory().devices.find((device) => device.name === name);
  if (found === undefined) throw new Error(`no device ${name}`);
  return found;
}
