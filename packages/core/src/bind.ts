/** Binding: a primitive on values becomes a recorded node. Its types are inferred at the call; it goes to the trace or to the window. */
import { DeviceError, describe } from './errors.js';
import type { Type } from './graph/graph.js';
import { currentScope, currentTrace, lift } from './jit/trace.js';
import { Node, type Value } from './node.js';
import type { PrimitiveDefinition } from './primitives/form.js';
import type { Primitive, PrimitiveParams } from './primitives/params.js';
import { chosenDevice, type Device } from './runtime/devices.js';
import { stale } from './runtime/execute.js';
import { hooks } from './runtime/hooks.js';
import { isLive } from './runtime/storage.js';
import { record as recordInWindow } from './runtime/window.js';

/** Records one primitive. `where` is the function that the user called; errors begin with it. */
export function bind<P extends Primitive>(
  where: string,
  definition: PrimitiveDefinition<P>,
  inputs: readonly Value[],
  params: PrimitiveParams[P],
): readonly Value[] {
  const trace = currentTrace();
  const lifted = [...inputs];
  const given = new Array<Type>(lifted.length);
  for (let i = 0; i < lifted.length; i++) {
    const value = lifted[i]!;
    if (value.stored !== null && !isLive(value.stored) && value.node.released) throw stale(value, where);
    given[i] = (lifted[i] = lift(where, value)).type;
  }
  const types = definition.infer(where, given, params);
  const device = commonDevice(where, lifted);
  for (const { dtype } of types) (device ?? chosenDevice())?.checkDType(where, dtype);
  const node = new Node(definition as PrimitiveDefinition, params, lifted, types, currentScope(), trace, device);
  if (hooks.recorded !== null) node.stack = hooks.recorded();
  if (trace === null) recordInWindow(node);
  return node.outputs;
}

/** Records a primitive with one output. */
export function bindOne<P extends Primitive>(
  where: string,
  definition: PrimitiveDefinition<P>,
  inputs: readonly Value[],
  params: PrimitiveParams[P],
): Value {
  return bind(where, definition, inputs, params)[0]!;
}

function commonDevice(where: string, values: readonly Value[]): Device | null {
  let device: Device | null = null;
  for (const value of values) {
    const own =
      value.stored !== null && isLive(value.stored) && value.host === null
        ? value.stored.storage.device
        : value.node.device;
    if (own === null || own === device) continue;
    if (device !== null) {
      const hint = 'Read one with data() and make a new tensor.';
      throw new DeviceError(describe(where, 'operands on one device', `${device.name} and ${own.name}`, hint));
    }
    device = own;
  }
  return device;
}
