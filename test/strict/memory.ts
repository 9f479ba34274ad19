/** Hostile memory: opaque buffers over recycled storage, and a poison that no number survives. */
import { AntlerError, type Region } from '@antler/core';

/** A broken promise of core towards its backend. */
export class ContractError extends AntlerError {
  override readonly name: string = 'ContractError';
}

/** What the strict backend hands out instead of memory. */
export class StrictBuffer {
  readonly id: number;
  readonly bytes: number;

  constructor(id: number, bytes: number) {
    this.id = id;
    this.bytes = bytes;
    Object.freeze(this);
  }

  toString(): string {
    return `buffer ${this.id} (${this.bytes} bytes)`;
  }
}

/** Allocations, frees and the storage below them. Every misuse throws a ContractError. */
export class StrictMemory {
  #count = 0;
  readonly #live = new Map<StrictBuffer, ArrayBuffer>();
  readonly #freed = new WeakSet<StrictBuffer>();
  readonly #pool = new Map<number, ArrayBuffer[]>();
  readonly #storage: (bytes: number) => ArrayBuffer;
  readonly #alignment: number;

  constructor(storage: (bytes: number) => ArrayBuffer, alignment: number) {
    this.#storage = storage;
    this.#alignment = alignment;
  }

  /** Buffers that are not freed yet. */
  get live(): readonly StrictBuffer[] {
    return [...this.#live.keys()];
  }

  /** A buffer full of poison, over storage that a freed buffer may have used before. */
  alloc(bytes: number): StrictBuffer {
    let storage = this.#pool.get(bytes)?.pop();
    if (storage === undefined) {
      storage = this.#storage(bytes);
      poison(storage, 0, bytes);
    }
    const buffer = new StrictBuffer(this.#count++, bytes);
    this.#live.set(buffer, storage);
    return buffer;
  }

  /** Ends a buffer's life and gives its storage, which the next `alloc` may reuse: poison it in the order of the queue. */
  free(buffer: StrictBuffer): ArrayBuffer {
    const storage = this.#storageOf('free', buffer);
    this.#live.delete(buffer);
    this.#freed.add(buffer);
    const pool = this.#pool.get(buffer.bytes);
    if (pool === undefined) this.#pool.set(buffer.bytes, [storage]);
    else pool.push(storage);
    return storage;
  }

  /** The storage of a region that must be alive, aligned and hold `bytes`. */
  region(where: string, region: Region<StrictBuffer>, bytes: number): Region<ArrayBuffer> {
    const { buffer, byteOffset } = region;
    const storage = this.#storageOf(where, buffer);
    if (!Number.isSafeInteger(byteOffset) || byteOffset < 0 || byteOffset % this.#alignment !== 0) {
      throw new ContractError(`${where}: byteOffset ${byteOffset} is not a multiple of ${this.#alignment}`);
    }
    if (byteOffset + bytes > buffer.bytes) {
      throw new ContractError(
        `${where}: bytes ${byteOffset} to ${byteOffset + bytes} lie outside of ${buffer.toString()}`,
      );
    }
    return { buffer: storage, byteOffset };
  }

  #storageOf(where: string, buffer: StrictBuffer): ArrayBuffer {
    const storage = this.#live.get(buffer);
    if (storage !== undefined) return storage;
    if (!(buffer instanceof StrictBuffer)) throw new ContractError(`${where}: ${String(buffer)} is not a buffer`);
    const state = this.#freed.has(buffer) ? 'is freed already' : 'belongs to another device';
    throw new ContractError(`${where}: ${buffer.toString()} ${state}`);
  }
}

/** Fills memory with words that are NaN in every float format and the largest int32, an index that nothing has. */
export function poison(storage: ArrayBuffer, byteOffset: number, bytes: number): void {
  const words = bytes >>> 2;
  new Uint32Array(storage, byteOffset, words).fill(0x7fffffff);
  new Uint8Array(storage, byteOffset + 4 * words, bytes - 4 * words).fill(0x7f);
}
