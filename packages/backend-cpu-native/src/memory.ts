/** Device memory is host memory: ArrayBuffers, which the collector frees and the addon gets by their addresses. */
import { ResourceError, describe } from '@antler/core';

/** 2 GiB: positions of elements fit 32-bit integers. */
export const maxBufferBytes: number = 2 ** 31;

/** Bytes of the buffers that are kept for later. */
const mostSpareBytes = 2 ** 26;

/** What is smaller costs the collector little. */
const leastSpareBytes = 2 ** 12;

/**
 * Buffers that core gave back, by their sizes, the size that came first first: batch after batch then lies in the same memory,
 * and the collector has rest. Sizes stay where they are: a map that changed with every step would be kept by the collector,
 * version after version.
 */
const spare = new Map<number, ArrayBuffer[]>();
let spareBytes = 0;

/** Keeps a buffer for the next `take` of its size. Work enqueued before may still use it: what is enqueued later comes after. */
export function giveBack(buffer: ArrayBuffer): void {
  const { byteLength: bytes } = buffer;
  if (bytes < leastSpareBytes || bytes > mostSpareBytes) return;
  const alike = spare.get(bytes);
  if (alike === undefined) spare.set(bytes, [buffer]);
  else alike.push(buffer);
  spareBytes += bytes;
  for (const oldest of spare.keys()) {
    while (spareBytes > mostSpareBytes && takeSpare(oldest) !== undefined);
    if (spareBytes <= mostSpareBytes) break;
    spare.delete(oldest);
  }
}

function takeSpare(bytes: number): ArrayBuffer | undefined {
  const buffer = spare.get(bytes)?.pop();
  if (buffer !== undefined) spareBytes -= bytes;
  return buffer;
}

/** A buffer with unspecified contents; throws as `allocate`. */
export function take(bytes: number): ArrayBuffer {
  return takeSpare(bytes) ?? allocate(bytes);
}

/** Lets go of all that is kept. */
export function forgetSpare(): void {
  spare.clear();
  spareBytes = 0;
}

/** Fresh zeros. Throws a ResourceError that says how much was asked for and how much there may be. */
export function allocate(bytes: number): ArrayBuffer {
  if (!(bytes >= 0 && bytes <= maxBufferBytes)) {
    throw new ResourceError(describe('alloc', `at most ${maxBufferBytes} bytes in one buffer`, `${bytes} bytes`));
  }
  try {
    return new ArrayBuffer(bytes);
  } catch {
    throw new ResourceError(
      describe('alloc', `room for ${bytes} bytes (limit ${maxBufferBytes})`, 'a refusal from the JavaScript engine'),
    );
  }
}
