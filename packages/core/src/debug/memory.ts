/** memory: a count of what core holds. */
import { openDevices } from '../runtime/devices.js';
import { isLive } from '../runtime/storage.js';
import { pendingNodes } from '../runtime/window.js';
import { allVariables } from '../variable.js';
import { rowsOf, showBytes } from './text.js';

/** What core holds on one device. */
export interface DeviceMemory {
  readonly name: string;
  /** Buffers that exist: variables, results that someone holds, batches. */
  readonly storages: number;
  readonly bytes: number;
  /** The part of `bytes` that variables take. */
  readonly variableBytes: number;
  /** Memory for the temporaries of the largest program; programs share it. */
  readonly arenaBytes: number;
  /** Runs enqueued and not known to have finished. */
  readonly inFlight: number;
  readonly inFlightBytes: number;
  /** Programs compiled and not forgotten. */
  readonly programs: number;
}

/** What core holds. It prints as a table: `console.log(String(memory()))`. */
export class MemoryReport {
  /** Operations recorded and not yet run. */
  readonly pendingNodes: number;
  /** Variables that are reachable. */
  readonly variables: number;
  readonly devices: readonly DeviceMemory[];

  constructor(counts: Pick<MemoryReport, 'pendingNodes' | 'variables' | 'devices'>) {
    this.pendingNodes = counts.pendingNodes;
    this.variables = counts.variables;
    this.devices = counts.devices;
  }

  toString(): string {
    const rows = this.devices.map((device) => [
      String(device.storages),
      showBytes(device.bytes),
      showBytes(device.variableBytes),
      showBytes(device.arenaBytes),
      `${device.inFlight} (${showBytes(device.inFlightBytes)})`,
      String(device.programs),
      device.name,
    ]);
    const head = ['buffers', 'bytes', 'of variables', 'arena', 'in flight', 'programs', 'device'];
    return [
      `${this.variables} variables, ${this.pendingNodes} pending operations`,
      ...(rows.length === 0 ? [] : rowsOf([head, ...rows], 6)),
    ].join('\n');
  }
}

/**
 * Counts what core holds; after a collection, only what is reachable.
 * @example console.log(String(memory()));
 */
export function memory(): MemoryReport {
  const variables = allVariables();
  const ofVariables = new Set(
    variables.flatMap(({ current: { stored } }) => (stored !== null && isLive(stored) ? [stored.storage] : [])),
  );
  const devices = openDevices().map((device): DeviceMemory => {
    const own = [...ofVariables].filter((storage) => storage.device === device);
    return {
      name: device.name,
      storages: device.liveStorages,
      bytes: device.liveBytes,
      variableBytes: own.reduce((sum, { bytes }) => sum + bytes, 0),
      arenaBytes: device.programs.arenaBytes,
      inFlight: device.queue.inFlight,
      inFlightBytes: device.queue.inFlightBytes,
      programs: device.programs.size,
    };
  });
  return new MemoryReport({ pendingNodes: pendingNodes(), variables: variables.length, devices });
}
