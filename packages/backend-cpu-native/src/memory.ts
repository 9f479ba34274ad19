/** Device memory is host memory: ArrayBuffers, which the collector frees and the addon gets by their addresses. */
import { ResourceError, describe } from '@antler/core';

/** 2 GiB: positions of elements fit 32-bit integers. */
export const maxBufferBytes: number = 2 ** 31;

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
