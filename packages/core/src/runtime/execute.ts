/** One call of an executable: inputs are placed, outputs allocated, variables overwritten in place, faults tracked. */
import { DeviceError, StaleTensorError, describe, recordedAt } from '../errors.js';
import type { TypedArray } from '../dtype.js';
import { buildGraph } from '../graph/build.js';
import type { Graph, Type } from '../graph/graph.js';
import { elementsOf } from '../halves.js';
import { isLeaf, leaf, type Value } from '../node.js';
import { sizeOf } from '../shape.js';
import type { Region } from './backend.js';
import { defaultDevice, type Device } from './devices.js';
import { hooks } from './hooks.js';
import type { Donation, Executable } from './programs.js';
import type { Run } from './queue.js';
import { Storage, isLive, type Stored } from './storage.js';

/** A new storage with unspecified contents. */
function allocate(device: Device, { shape, dtype }: Type): Storage {
  device.checkDType('antler', dtype);
  const bytes = sizeOf(shape, 'antler') * device.backend.bytes[dtype]!;
  return new Storage(device, { buffer: device.backend.alloc(bytes), byteOffset: 0 }, bytes);
}

/** Where to run what takes these values: where they are, else on the device in use. Host data is anywhere. */
export function deviceOf(values: readonly Value[]): Device {
  for (const { stored, host } of values) if (stored !== null && host === null) return stored.storage.device;
  return defaultDevice();
}

/** The storage of a stored value or of host data, which is uploaded once. */
function place(device: Device, value: Value): Storage {
  const { stored, host } = value;
  if (host !== null && stored?.storage.device !== device) {
    // The host's copy stays: it is what other devices and reads take.
    value.stored = { storage: upload(device, value.type, host), version: 0 };
    return value.stored.storage;
  }
  if (stored === null || !isLive(stored)) throw stale(value);
  if (stored.storage.device !== device) {
    throw new DeviceError(describe('antler', `a tensor on ${device.name}`, `one on ${stored.storage.device.name}`));
  }
  return stored.storage;
}

function upload(device: Device, type: Type, host: TypedArray | number): Storage {
  const storage = allocate(device, type);
  device.queue.write(storage.region, hostArray(type, host), type.dtype);
  return storage;
}

function whyGone({ device, watch, overwrittenBy }: Storage): readonly [what: string, hint: string] {
  if (device.closed) return [`one on ${device.name}, which was closed`, 'Read it with data() before.'];
  if (!watch) return ['one that was disposed', 'Dispose of it after its last use, or not at all: the collector does.'];
  const name = JSON.stringify(overwrittenBy ?? '?');
  return [
    `one computed from an earlier value of variable ${name}, which has been overwritten since`,
    'Return it from the function (`valueAndGrad(f, { aux: true })` with f giving [loss, aux]), or keep() it before the update.',
  ];
}

/** The error for a value whose numbers were overwritten or freed, or never computed. */
export function stale({ stored, node }: Value, where = 'tensor'): StaleTensorError {
  const [what, hint] = stored === null ? ['one that was never computed'] : whyGone(stored.storage);
  return new StaleTensorError(
    describe(where, 'a tensor whose numbers still exist', what, hint) + recordedAt(node.stack),
  );
}

/** An assignment that a call makes: which output goes into which variable, whose value arrives as which input. */
export interface Assignment {
  readonly output: number;
  readonly input: number;
  readonly name: string;
  /** True when nobody but the variable uses the storage that it has now. */
  readonly exclusive: boolean;
}

/**
 * Enqueues a program. `inputs` are the values of the graph's inputs. Gives where each output is. A throw means that nothing
 * has changed.
 */
export function execute(
  device: Device,
  graph: Graph,
  executable: Executable,
  inputs: readonly Value[],
  assignments: readonly Assignment[],
): readonly Stored[] {
  hooks.calling?.({ device, graph, inputs, assignments });
  const scalars: number[] = [];
  const reads: Storage[] = [];
  const created: Storage[] = [];
  const outputs = new Array<Storage>(graph.outputs.length);
  const assigned = new Map(assignments.map((assignment) => [assignment.input, assignment]));
  const bound = new Set<Storage>();
  try {
    inputs.forEach((value, i) => {
      if (graph.inputs[i]!.scalar) {
        scalars.push(value.host as number);
        return;
      }
      const assignment = assigned.get(i);
      let storage: Storage;
      if (assignment === undefined) {
        storage = place(device, value);
        // A slot is bound to memory of its own, even when one tensor comes as two arguments.
        if (bound.has(storage)) created.push((storage = copyOf(device, storage, value.type)));
      } else {
        const { stored } = value;
        const inPlace = assignment.exclusive && stored !== null && isLive(stored) && !stored.storage.shared;
        if (inPlace && !bound.has(stored.storage)) storage = stored.storage;
        else created.push((storage = duplicate(device, value)));
        outputs[assignment.output] = storage;
      }
      bound.add(storage);
      reads.push(storage);
    });
    const assigns = assignments.map(({ output }) => outputs[output]!);
    const writes: Storage[] = [];
    graph.outputs.forEach((number, i) => {
      if (outputs[i] !== undefined) return;
      const storage = allocate(device, graph.types[number]!);
      created.push(storage);
      writes.push((outputs[i] = storage));
    });
    for (const { error } of reads) if (error !== null) throw error;
    if (assignments.length > 0) refuseFaulted(device, reads);
    enqueue(device, executable, reads, writes, assigns, scalars);
    assigns.forEach((storage, i) => {
      storage.version++;
      storage.overwrittenBy = assignments[i]!.name;
    });
    return outputs.map((storage) => ({ storage, version: storage.version }));
  } catch (error) {
    for (const storage of created) device.release(storage);
    throw error;
  }
}

/**
 * Variables must not take numbers of a run that met a bad index. Within one program the fault word guards them; what comes
 * from an earlier program is checked here where the host can wait, and elsewhere makes reading the variable an error.
 */
function refuseFaulted(device: Device, slots: readonly Storage[]): void {
  const { queue } = device;
  if (slots.every((storage) => suspectsOf(storage).length === 0)) return;
  if (queue.isIdle) queue.faults.flushSync();
  const fault = queue.faults.takeFrom(slots.flatMap(suspectsOf));
  if (fault !== null) throw fault;
}

function enqueue(
  device: Device,
  executable: Executable,
  reads: readonly Storage[],
  writes: readonly Storage[],
  assigns: readonly Storage[],
  scalars: readonly number[],
): void {
  const { queue } = device;
  const slots = [...reads, ...writes];
  const io: Region[] = slots.map((storage) => storage.region);
  const faulty = executable.program.faults !== null;
  if (faulty) io.push(queue.faults.nextRegion());
  const run: Run = {
    executable,
    io,
    probe: slots.find((storage) => storage.bytes >= 4)?.region ?? null,
    scalars: scalars.length === 0 ? NO_SCALARS : Float64Array.from(scalars),
    reads,
    writes,
    assigns,
    bytes: writes.reduce((sum, storage) => sum + storage.bytes, 0),
    checked: !faulty,
    fault: null,
  };
  queue.run(run);
  if (faulty) queue.faults.add(run);
  const suspects = [...new Set(reads.flatMap(suspectsOf))];
  for (const storage of assigns) storage.suspects = suspects;
  for (const storage of writes) storage.suspects = faulty ? [...suspects, run] : suspects;
}

/** Runs that may have spoiled a storage: not read back yet, or found to have faulted. */
export function suspectsOf(storage: Storage): readonly Run[] {
  const { suspects } = storage;
  if (suspects.length === 0) return suspects;
  return (storage.suspects = suspects.filter((run) => !run.checked || run.fault !== null));
}

/** A storage of its own with the value's numbers, for a program to overwrite. */
function duplicate(device: Device, value: Value): Storage {
  const { stored, host, type } = value;
  if (host !== null && (stored === null || !isLive(stored))) return upload(device, type, host);
  return copyOf(device, place(device, value), type);
}

function copyOf(device: Device, storage: Storage, type: Type): Storage {
  const value = leaf(type, null);
  const graph = buildGraph([value], [value], isLeaf);
  const copy = allocate(device, type);
  enqueue(device, device.programs.fused(graph, NO_DONATION), [storage], [copy], [], []);
  return copy;
}

const NO_DONATION: Donation = [];
const NO_SCALARS = new Float64Array(0);

/** Host data in the host's layout. */
export function hostArray({ dtype }: Type, host: TypedArray | number): TypedArray {
  return typeof host === 'number' ? elementsOf(dtype, [host]) : host;
}
