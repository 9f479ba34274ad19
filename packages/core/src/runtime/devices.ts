/** Devices: the table of backends that was given, the one in use, and what core keeps for each. */
import { DTypeError, DeviceError, describe } from '../errors.js';
import type { DType } from '../dtype.js';
import type { Backend, Region } from './backend.js';
import { Queue } from './queue.js';
import { ProgramCache } from './programs.js';
import type { Claim, Storage, Watch } from './storage.js';

/** A backend in use, with its queue and its compiled programs. */
export class Device {
  readonly name: string;
  readonly backend: Backend;
  readonly queue: Queue;
  readonly programs: ProgramCache;
  closed = false;
  /** Number of the storages that exist, and their bytes. */
  liveStorages = 0;
  liveBytes = 0;
  /** What the finalizers have; a set that changed with every step would be kept by the collector, version after version. */
  readonly #claims = new Set<Claim>();
  /** Of storages that were released, for the next ones. */
  readonly #idle: Watch[] = [];
  /** Frees what the user let go of, where the collector does not see the device's memory. */
  readonly #finalizers = new FinalizationRegistry<Claim>((claim) => this.#claims.delete(claim) && this.#drop(claim));

  constructor(name: string, backend: Backend) {
    this.name = name;
    this.backend = backend;
    this.queue = new Queue(backend);
    this.programs = new ProgramCache(name, backend);
  }

  /** Counts a new storage and frees it once nobody can reach what this gives. */
  track(claim: Claim): Watch {
    const watch = this.#idle.pop() ?? ([claim] as const);
    if (watch[0] === claim) {
      this.#claims.add(claim);
      this.#finalizers.register(watch, claim);
    } else Object.assign(watch[0], claim);
    this.liveStorages++;
    this.liveBytes += claim.bytes;
    return watch;
  }

  /** Stops counting a storage and frees it now, after what is enqueued; nothing when that was done before. */
  release(storage: Storage): void {
    const { watch, region } = storage;
    if (watch === null) return;
    storage.watch = null;
    this.#drop(watch[0], region);
    this.#idle.push(watch);
  }

  #drop(claim: Claim, region: Region | null = claim.region): void {
    if (!claim.isLive) return;
    claim.isLive = false;
    this.liveStorages--;
    this.liveBytes -= claim.bytes;
    if (region !== null) this.queue.free(region);
  }

  /** Waits for what is enqueued, gives all memory back and disposes of the backend. */
  async close(): Promise<void> {
    try {
      await this.queue.synchronize();
      this.queue.faults.close();
      for (const claim of this.#claims) this.#drop(claim);
      await this.queue.synchronize();
    } finally {
      this.closed = true;
      this.backend.dispose();
    }
  }

  /** Throws when the device has no such element type. */
  checkDType(where: string, dtype: DType): void {
    if (this.backend.bytes[dtype] === undefined) {
      const known = Object.keys(this.backend.bytes).join(', ');
      throw new DTypeError(describe(where, `a dtype that ${this.name} supports (${known})`, dtype));
    }
  }
}

/** Makes a backend; a promise where the environment must be asked first (WebGPU). */
export type BackendFactory = () => Backend | Promise<Backend>;

let factories: Readonly<Record<string, BackendFactory>> = {};
const devices = new Map<string, Device>();
let chosen: Device | null = null;

/**
 * Says which backends there are, in order of preference. The `antler` package does this; call it yourself when you use
 * `@antler/core` alone.
 * @example registerBackends({ js: createJsBackend })
 */
export function registerBackends(table: Readonly<Record<string, BackendFactory>>): void {
  factories = { ...factories, ...table };
}

/** Names of the backends that were registered, best first. */
export function backendNames(): readonly string[] {
  return Object.keys(factories);
}

/** The device that programs without stored inputs run on. Chosen when the first program needs one. */
export function defaultDevice(): Device {
  if (chosen !== null) return chosen;
  const reasons: string[] = [];
  for (const [name, create] of Object.entries(factories)) {
    const known = devices.get(name);
    if (known !== undefined) return (chosen = known);
    try {
      const backend = create();
      if (backend instanceof Promise) {
        // Only `await setBackend(name)` can wait for it; its failure belongs to that call.
        backend.catch(() => undefined);
        reasons.push(`${name} must be awaited: await setBackend('${name}')`);
        continue;
      }
      return (chosen = addDevice(name, backend));
    } catch (error) {
      reasons.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const expected = 'a backend';
  const received = reasons.length === 0 ? 'none registered' : reasons.join('; ');
  const hint = "Call registerBackends({ js: createJsBackend }) from '@antler/backend-js', or import 'antler'.";
  throw new DeviceError(describe('antler', expected, received, hint));
}

/** What makes the backend of a name, if it was registered. */
export function factoryOf(name: string): BackendFactory | undefined {
  return Object.hasOwn(factories, name) ? factories[name] : undefined;
}

/** The device of a name, made if need be. */
export async function openDevice(name: string): Promise<Device> {
  const known = devices.get(name);
  if (known !== undefined) return known;
  const create = factoryOf(name);
  if (create === undefined) {
    throw new DeviceError(
      describe('setBackend', `one of ${backendNames().join(', ') || '(none registered)'}`, JSON.stringify(name)),
    );
  }
  return addDevice(name, await create());
}

/** Makes a device the default; variables are moved by `setBackend`. */
export function chooseDevice(device: Device): void {
  chosen = device;
}

/** The chosen device, or null while nothing has needed one. */
export function chosenDevice(): Device | null {
  return chosen;
}

/** Every device that is open. */
export function openDevices(): readonly Device[] {
  return [...devices.values()];
}

/** Closes a device that is not the default one; its name can be opened anew. */
export async function closeDevice(name: string): Promise<void> {
  const device = devices.get(name);
  if (device === undefined || device === chosen) {
    const hint = 'Move to another one first: await setBackend(name).';
    throw new DeviceError(describe('closeBackend', 'an open backend that is not in use', JSON.stringify(name), hint));
  }
  devices.delete(name);
  await device.close();
}

function addDevice(name: string, backend: Backend): Device {
  const device = new Device(name, backend);
  devices.set(name, device);
  return device;
}
