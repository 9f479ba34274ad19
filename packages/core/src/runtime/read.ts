/** Reading: from a value to host data, in order with everything that was enqueued before. */
import { retold } from '../errors.js';
import { viewAs, type TypedArray } from '../dtype.js';
import { forbidInTrace } from '../operand.js';
import { elementsOf, numbersOf } from '../halves.js';
import { leaked } from '../jit/trace.js';
import type { Value } from '../node.js';
import { sizeOf } from '../shape.js';
import { hostArray, stale, suspectsOf } from './execute.js';
import type { Queue, Run } from './queue.js';
import { isLive, type Storage } from './storage.js';
import { materialize } from './window.js';

/** A fresh copy of a value's elements, in row-major order. What is enqueued is decided before this returns. */
export function readValue(where: string, value: Value): Promise<TypedArray> {
  forbidInTrace(where, 'Return the tensor and read it outside.');
  return readPresent(where, value);
}

async function readPresent(where: string, value: Value): Promise<TypedArray> {
  const { trace } = value.node;
  if (trace !== null) throw leaked(where, value, trace);
  const { shape, dtype } = value.type;
  const elements = sizeOf(shape);
  if (value.host === null && value.stored !== null && !isLive(value.stored) && value.node.released) {
    throw stale(value, where);
  }
  materialize(value);
  if (value.host !== null || value.stored === null) return numbersOf(dtype, hostArray(value.type, value.host!).slice());
  const { storage } = value.stored;
  const suspects = [...suspectsOf(storage)];
  const { queue } = storage.device;
  if (elements === 0) {
    await settle(queue, storage, suspects);
    return numbersOf(dtype, elementsOf(dtype, []));
  }
  const bytes = queue.read(storage.region, elements, dtype);
  // Fetched together.
  if (suspects.some((run) => !run.checked)) void queue.faults.flush();
  try {
    return numbersOf(dtype, viewAs(dtype, await bytes, 0, elements));
  } finally {
    // What went wrong before says more than a read that failed.
    if (suspects.length > 0 || storage.error !== null) await settle(queue, storage, suspects);
  }
}

/** Rejects when what wrote the storage failed or faulted. */
async function settle(queue: Queue, storage: Storage, suspects: readonly Run[]): Promise<void> {
  if (suspects.some((run) => !run.checked)) await queue.faults.flush();
  const fault = queue.faults.takeFrom(suspects);
  if (fault !== null) throw retold(fault);
  if (storage.error !== null) throw storage.error;
}
