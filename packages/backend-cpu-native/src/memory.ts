/** Device memory is host memory: ArrayBuffers, which the collector frees and the addon gets by their addresses. */
import { ResourceError, describe } from '@antler/core';

/** 2 GiB: positions of elements fit 32-bit integers. */
export const maxBufferBytes: number = 2 ** 31;

/** Part of a buffer, from `start` on. */
export interface Memory {
  readonly buffer: ArrayBuffer;
  readonly start: number;
  readonly bytes: number;
}

/** Bytes of the buffers that are kept for later. */
const mostSpareBytes = 2 ** 26;

/** What is smaller costs the collector little, and may lie anywhere. */
const leastSpareBytes = 2 ** 12;

/** Sizes from which on those without memory are forgotten: shapes that never come again would leave theirs behind. */
const manySizes = 1024;

/** Bytes of a cache line. */
const line = 64;

/**
 * What core gave back, by their sizes, the size that came first first: batch after batch then lies in the same memory,
 * and the collector has rest. Sizes stay where they are: a map that changed with every step would be kept by the collector,
 * version after version.
 */
const spare = new Map<number, Memory[]>();
let spareBytes = 0;
/** How many sizes there may be until they are looked through again. */
let sizesAllowed = manySizes;

/** Keeps memory for the next `take` of its size. Work enqueued before may still use it: what is enqueued later comes after. */
export function giveBack(memory: Memory): void {
  const { bytes } = memory;
  if (bytes < leastSpareBytes || bytes > mostSpareBytes) return;
  const alike = spare.get(bytes);
  if (alike === undefined) addSize(bytes, memory);
  else alike.push(memory);
  spareBytes += bytes;
  for (const oldest of spare.keys()) {
    while (spareBytes > mostSpareBytes && takeSpare(oldest) !== undefined);
    if (spareBytes <= mostSpareBytes) break;
    spare.delete(oldest);
  }
}

function addSize(bytes: number, memory: Memory): void {
  if (spare.size >= sizesAllowed) {
    for (const [size, kept] of spare) if (kept.length === 0) spare.delete(size);
    sizesAllowed = Math.max(manySizes, 2 * spare.size);
  }
  spare.set(bytes, [memory]);
}

/** How many sizes are known. */
export function spareSizes(): number {
  return spare.size;
}

function takeSpare(bytes: number): Memory | undefined {
  const memory = spare.get(bytes)?.pop();
  if (memory !== undefined) spareBytes -= bytes;
  return memory;
}

/**
 * Memory with unspecified contents, from a cache line's begin on if it is not small: the engine's own buffers begin within
 * one, so that every vector of 64 bytes would lie in two. `lineOf` says how far from a buffer's begin that is. Throws as
 * `allocate`.
 */
export function take(bytes: number, lineOf: (buffer: ArrayBuffer) => number): Memory {
  const kept = takeSpare(bytes);
  if (kept !== undefined) return kept;
  if (bytes < leastSpareBytes) return { buffer: allocate(bytes), start: 0, bytes };
  const buffer = allocate(bytes, line);
  return { buffer, start: lineOf(buffer), bytes };
}

/** Lets go of all that is kept. */
export function forgetSpare(): void {
  spare.clear();
  spareBytes = 0;
}

/** Fresh zeros, and `more` of them. Throws a ResourceError that says how much was asked for and how much there may be. */
export function allocate(bytes: number, more = 0): ArrayBuffer {
  if (!(bytes >= 0 && bytes <= maxBufferBytes)) {
    throw new ResourceError(describe('alloc', `at most ${maxBufferBytes} bytes in one buffer`, `${bytes} bytes`));
  }
  try {
    return new ArrayBuffer(bytes + more);
  } catch {
    throw new ResourceError(
      describe('alloc', `room for ${bytes} bytes (limit ${maxBufferBytes})`, 'a refusal from the JavaScript engine'),
    );
  }
}
