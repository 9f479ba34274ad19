/** Looking for the operation that makes the first NaN or infinity: programs run once beforehand, on results of their own. */
import { NonFiniteError, describe, recordedAt, type AntlerError } from '../errors.js';
import { isFloat, viewAs, type TypedArray } from '../dtype.js';
import type { Graph, GraphNode, Type } from '../graph/graph.js';
import { execute, suspectsOf } from '../runtime/execute.js';
import { hooks, type Call } from '../runtime/hooks.js';
import type { Stored } from '../runtime/storage.js';
import { showShape, sizeOf } from '../shape.js';

/**
 * Runs a function whose programs are looked at before they run: one that would give NaN or an infinity throws, and no variable
 * has changed. Where the host cannot wait for the device, the error comes with the next `synchronize` or `checkFaults`, and in a
 * warning. Costs a second run of everything.
 * @throws NonFiniteError that names the operation, the layer, and what its operands were.
 */
export function withFiniteChecks<T>(body: () => T): T {
  const { calling } = hooks;
  hooks.calling = checkFinite;
  try {
    return body();
  } finally {
    hooks.calling = calling;
  }
}

/** For `hooks.calling`: refuses a call that would give NaN or an infinity. */
export function checkFinite(call: Call): void {
  const { calling } = hooks;
  hooks.calling = null;
  try {
    const { device, graph } = call;
    const every = graph.types.flatMap((type, value) =>
      isFloat(type.dtype) && graph.inputs[value]?.scalar !== true ? [value] : [],
    );
    const given = [...new Set(graph.outputs)].filter((value) => isFloat(graph.types[value]!.dtype));
    if (given.length === 0) return;
    if (device.backend.readSync === undefined) checkLater(call, every);
    else if (!readNow(call, given).every(isFine)) throwFound(call, every);
  } finally {
    hooks.calling = calling;
  }
}

function throwFound(call: Call, every: readonly number[]): void {
  const found = findMaker(call, every, readNow(call, every));
  if (found !== null) throw found;
}

/** Values of a call, computed without touching a variable. None at all when an index is bad: that has an error of its own. */
function readNow(call: Call, values: readonly number[]): readonly TypedArray[] {
  const { device, graph } = call;
  const { backend, queue } = device;
  const stored = compute(call, values);
  queue.faults.flushSync();
  const fault = queue.faults.takeFrom(stored.flatMap(({ storage }) => suspectsOf(storage)));
  const arrays = stored.map(({ storage }, i) => {
    const { shape, dtype } = graph.types[values[i]!]!;
    const elements = fault === null ? sizeOf(shape) : 0;
    const bytes = elements === 0 ? new ArrayBuffer(0) : backend.readSync!(storage.region, elements, dtype);
    return viewAs(dtype, bytes, 0, elements);
  });
  stored.forEach(({ storage }) => device.release(storage));
  return arrays;
}

/** As `readNow`, for devices that the host cannot wait for: everything at once, before variables are overwritten. */
function checkLater(call: Call, values: readonly number[]): void {
  const { device, graph } = call;
  const stored = compute(call, values);
  const reading = stored.map(async ({ storage }, i) => {
    const { shape, dtype } = graph.types[values[i]!]!;
    const elements = sizeOf(shape);
    const bytes = elements === 0 ? new ArrayBuffer(0) : await device.queue.read(storage.region, elements, dtype);
    return viewAs(dtype, bytes, 0, elements);
  });
  stored.forEach(({ storage }) => device.release(storage));
  const check = Promise.all(reading).then((arrays): AntlerError | null => {
    const isBad = graph.outputs.some((value) => values.includes(value) && !isFine(arrays[values.indexOf(value)]!));
    const found = isBad ? findMaker(call, values, arrays) : null;
    if (found !== null) console.warn(found.message);
    return found;
  });
  device.queue.faults.expect(check);
}

function compute({ device, graph, inputs }: Call, values: readonly number[]): readonly Stored[] {
  const wider: Graph = { ...graph, key: `${graph.key} and ${values.join(',')}`, outputs: values };
  return execute(device, wider, device.programs.fused(wider, []), inputs, []);
}

type Test = (x: number) => boolean;

const isFine = (array: TypedArray): boolean => array.every(Number.isFinite);

/** The first node whose result is bad while its operands are not; else the input that brought it. NaN counts before infinities. */
function findMaker(call: Call, values: readonly number[], arrays: readonly TypedArray[]): NonFiniteError | null {
  const { graph } = call;
  const numbers = new Map(values.map((value, i) => [value, arrays[i]!]));
  const isBad = (test: Test) => (value: number) => numbers.get(value)?.some(test) === true;
  const tests: readonly Test[] = [Number.isNaN, (x) => Math.abs(x) === Infinity];
  for (const test of tests) {
    const bad = isBad(test);
    const wanted = new Set(graph.outputs.filter(bad));
    if (wanted.size === 0) continue;
    for (let i = graph.nodes.length - 1; i >= 0; i--) {
      const { inputs, outputs } = graph.nodes[i]!;
      if (outputs.some((value) => wanted.has(value))) inputs.filter(bad).forEach((value) => wanted.add(value));
    }
    const maker = graph.nodes.find(
      ({ inputs, outputs }) => outputs.some((value) => wanted.has(value)) && !inputs.some((value) => wanted.has(value)),
    );
    if (maker !== undefined) return makerError(graph, maker, numbers, wanted);
    const input = graph.inputs.findIndex((_, value) => wanted.has(value));
    if (input >= 0) return inputError(call, input, numbers.get(input)!);
  }
  return null;
}

function makerError(
  { types }: Graph,
  node: GraphNode,
  numbers: ReadonlyMap<number, TypedArray>,
  wanted: ReadonlySet<number>,
): NonFiniteError {
  const name = node.primitive === 'composite' ? node.params.name : node.primitive;
  const where = node.scope === '' ? name : `${name} in ${node.scope}`;
  const result = node.outputs.find((value) => wanted.has(value))!;
  const operands = node.inputs.map((value) => showNumbers(types[value]!, numbers.get(value)));
  const from = operands.length === 0 ? '' : ` from ${operands.join(' and ')}`;
  const received = `${showNumbers(types[result]!, numbers.get(result))}${from}`;
  return new NonFiniteError(describe(where, 'finite numbers', received) + recordedAt(node.stack));
}

function inputError({ graph, assignments, inputs }: Call, input: number, numbers: TypedArray): NonFiniteError {
  const variable = assignments.find((assignment) => assignment.input === input);
  const what = variable === undefined ? 'a tensor that was given' : `variable ${JSON.stringify(variable.name)}`;
  const received = `${showNumbers(graph.types[input]!, numbers)} in ${what}`;
  return new NonFiniteError(describe('antler', 'finite numbers', received) + recordedAt(inputs[input]!.node.stack));
}

/** Such as `float32 [8, 3] with 2 NaN, else in [0, 1.5]`. */
function showNumbers({ shape, dtype }: Type, numbers: TypedArray | undefined): string {
  const type = `${dtype} ${showShape(shape)}`;
  if (numbers === undefined) return type;
  let [nans, infinities, low, high] = [0, 0, Infinity, -Infinity];
  for (const x of numbers) {
    if (Number.isNaN(x)) nans++;
    else if (!Number.isFinite(x)) infinities++;
    else [low, high] = [Math.min(low, x), Math.max(high, x)];
  }
  const parts = [...(nans > 0 ? [`${nans} NaN`] : []), ...(infinities > 0 ? [`${infinities} infinite`] : [])];
  const range = low > high ? '' : `in [${Number(low.toPrecision(4))}, ${Number(high.toPrecision(4))}]`;
  if (parts.length === 0) return `${type} ${range}`.trim();
  return `${type} with ${parts.join(' and ')}${range === '' ? '' : `, the others ${range}`}`;
}
