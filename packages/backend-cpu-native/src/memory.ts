/** Device memory is host memory: ArrayBuffers, which the collector frees and the addon gets by their addresses. */
import { ResourceError, describe } from '@antler/core';

/** 2 GiB: positions of elements fit 32-bit integers. */
export const maxBufferBytes: number = 2 ** 31;

/** Bytes of the buffers that are kept for later. */
const mostSpareBytes = 2 ** 26;

/** What is smaller costs the collector little. */
const leastSpareBytes = 2 ** 12;

/** Buffers that core gave back, oldest first: batch after batch then lies in the same memory, and the collector has rest. */
let spare: ArrayBuffer[] = [];
let spareBytes = 0;

/** Keeps a buffer for the next `take` of its size. Work enqueued before may still use it: what is enqueued later comes after. */
export function giveBack(buffer: ArrayBuffer): void {
  if (buffer.byteLength < leastSpareBytes || buffer.byteLength > mostSpareBytes) return;
  spare.push(buffer);
  spareBytes += buffer.byteLength;
  while (spareBytes > mostSpareBytes) spareBytes -= spare.shift()!.byteLength;
}

/** A buffer with unspecified contents; throws as `allocate`. */
export function take(bytes: number): ArrayBuffer {
  const at = spare.findLastIndex(({ byteLength }) => byteLength === bytes);
  if (at < 0) return allocate(bytes);
  spareBytes -= bytes;
  return spare.splice(at, 1)[0]!;
}

/** Lets go of all that is kept. */
export function forgetSpare(): void {
  [spare, spareBytes] = [[], 0];
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
