/** Storages: device memory with an owner, a version that each overwriting raises, and the error that spoiled it, if any. */
import type { Device } from './devices.js';
import type { Region } from './backend.js';
import type { Run } from './queue.js';

/** The numbers of a value: a storage as it was at one version. */
export interface Stored {
  readonly storage: Storage;
  readonly version: number;
}

/**
 * What a device counts of a storage, and frees when the storage is unreachable. On a device whose memory the collector sees
 * there is no region: held here, the memory would outlive a synchronous loop, in which no finalizer runs.
 */
export interface Claim {
  bytes: number;
  region: Region | null;
  isLive: boolean;
}

/**
 * What the finalizers watch in the place of a storage, which leads to much: until a full collection, V8 keeps all that has a
 * finalizer. A storage that is released leaves its own to the next one, so that training makes none.
 */
export type Watch = readonly [Claim];

/** A buffer on a device. */
export class Storage {
  readonly device: Device;
  readonly region: Region;
  readonly bytes: number;
  /** Raised whenever the buffer is overwritten; values of an older version are gone. */
  version = 0;
  /** A tensor on it was given out (`variable.value`), so it must not be overwritten: a program gets a copy. */
  shared = false;
  /** Name of the variable that overwrote it last, for messages. */
  overwrittenBy: string | undefined;
  /** Null once it is freed. */
  watch: Watch | null;
  /** What went wrong in the run that should have written it. */
  error: Error | null = null;
  /** Runs with index checks, not yet read back, that it depends on. */
  suspects: readonly Run[] = [];

  constructor(device: Device, region: Region, bytes: number) {
    this.device = device;
    this.region = region;
    this.bytes = bytes;
    this.watch = device.track({ bytes, region: device.backend.managed ? null : region, isLive: true });
  }
}

/** True while the numbers are still there. */
export function isLive({ storage, version }: Stored): boolean {
  return storage.watch !== null && !storage.device.closed && storage.version === version;
}
