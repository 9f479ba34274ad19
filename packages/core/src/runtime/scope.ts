/** Lifetimes by hand, for who wants them: scope, keep, memory, and moving to another backend. */
import { retold } from '../errors.js';
import { elementsOf, isHalf } from '../halves.js';
import { leaf } from '../node.js';
import { flatten } from '../tree.js';
import { Tensor } from '../tensor.js';
import { allVariables } from '../variable.js';
import { rejectPromise } from '../jit/trace.js';
import { chooseDevice, chosenDevice, closeDevice, openDevice, openDevices } from './devices.js';
import { readValue } from './read.js';
import { fence, runWindow } from './window.js';

/**
 * Runs a function and then everything it recorded; what it returns is stored.
 * @example const y = scope(() => relu(x.matmul(w)).sum());
 */
export function scope<T>(body: () => T): T {
  const result = body();
  rejectPromise('scope', result);
  for (const leaf of flatten(result).leaves) if (leaf instanceof Tensor) leaf.handle.kept = true;
  fence();
  return result;
}

/** Makes the next fence store a tensor even if something consumes it, so that it can be read later. */
export function keep(x: Tensor): Tensor {
  x.handle.kept = true;
  return x;
}

/** Runs what is pending and waits until every device has done it. Rejects when a run has failed. */
export async function synchronize(): Promise<void> {
  fence();
  await Promise.all(openDevices().map((device) => device.queue.synchronize()));
  await checkFaults();
}

/** What a loop should await before the next step, when enough is in flight; undefined when it may go on. */
export function throttle(): Promise<void> | undefined {
  return chosenDevice()?.queue.throttle();
}

/** Rejects with the first bad index that no read has reported yet. */
export async function checkFaults(): Promise<void> {
  for (const { queue } of openDevices()) {
    await queue.faults.flush();
    const error = queue.faults.takeUnreported();
    if (error !== null) throw retold(error);
  }
}

/**
 * Waits for a backend to finish, gives its memory back and disposes of it. Tensors that were computed on it are gone; move
 * the variables with `setBackend` first.
 * @example
 * await setBackend('js');
 * await closeBackend('webgpu');
 */
export async function closeBackend(name: string): Promise<void> {
  fence();
  await closeDevice(name);
}

/** Name of the backend in use, or null while nothing has needed one. */
export function getBackend(): string | null {
  return chosenDevice()?.name ?? null;
}

/**
 * Makes a backend the one in use and moves all variables to it. Tensors that were computed stay where they are.
 * @example await setBackend('js')
 */
export async function setBackend(name: string): Promise<void> {
  runWindow();
  const device = await openDevice(name);
  const stored = allVariables().filter(
    ({ current }) => current.stored !== null && current.stored.storage.device !== device,
  );
  const read = await Promise.allSettled(stored.map((variable) => readValue('setBackend', variable.current)));
  read.forEach((outcome, i) => {
    // What cannot be read stays where it is, and says why when it is used.
    if (outcome.status === 'rejected') return;
    const variable = stored[i]!;
    const { type } = variable.current;
    const value = leaf(type, null);
    value.host = isHalf(type.dtype) ? elementsOf(type.dtype, outcome.value) : outcome.value;
    variable.current = value;
    variable.owned = null;
  });
  chooseDevice(device);
}
