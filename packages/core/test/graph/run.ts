/** Runs a graph through `lower` on the js backend, with every promise of the program checked on the way. */
import { createJsBackend } from '@antler/backend-js';
import { lower, sizeOf, type Backend, type DType, type Graph, type Kernel, type Program } from '@antler/core';
import { checkProgram } from '../../../../test/contract/checkProgram.js';
import { printProgram } from '../../src/graph/print.js';
import { decode, encode } from '../../../../test/conformance/numbers.js';
import { evaluate, type Numbers } from './evaluate.js';

/** Ways to lower: what the properties vary. */
export interface Mode {
  readonly fuse?: boolean;
  readonly regions?: number;
  /** What a narrower backend takes of what js takes. */
  readonly accepts?: (kernel: Kernel) => boolean;
  /** What a backend that is only asked takes beyond js. */
  readonly also?: (kernel: Kernel) => boolean;
  readonly donate?: readonly (readonly [output: number, input: number])[];
}

export interface Outcome {
  readonly program: Program;
  /** Outputs in the order of the graph; donated ones are read from their input. */
  readonly outputs: Numbers[];
  /** The two words of the fault slot. */
  readonly fault: Numbers | null;
}

const js = createJsBackend();

/** Lowers for the js backend, or for one that takes less. */
export function lowered(
  graph: Graph,
  { fuse = true, regions = Infinity, accepts, also, donate = [] }: Mode = {},
): Program {
  const target: Pick<Backend, 'limits' | 'bytes' | 'accepts'> = {
    bytes: js.bytes,
    limits: { ...js.limits, maxRegionsPerKernel: regions },
    accepts: (kernel) => (js.accepts(kernel) && (accepts?.(kernel) ?? true)) || also?.(kernel) === true,
  };
  const program = lower(graph, { target, fuse, donate });
  checkProgram(program, target);
  return program;
}

/** Runs a graph on numbers. Outputs and temporaries start as NaN. */
export function run(graph: Graph, inputs: readonly Numbers[], mode: Mode = {}): Outcome {
  const program = lowered(graph, mode);
  const io = program.slots
    .filter(({ role }) => role !== 'temp')
    .map(({ bytes }) => ({ buffer: js.alloc(bytes), byteOffset: 0 }));
  for (const { buffer } of io) new Uint8Array(buffer).fill(255);
  const slotOf: number[] = [];
  const scalars: number[] = [];
  let slot = 0;
  graph.inputs.forEach(({ scalar }, i) => {
    const { dtype } = graph.types[i]!;
    if (scalar) {
      scalars.push(inputs[i]![0]!);
      return;
    }
    slotOf[i] = slot;
    js.write(io[slot++]!, new Uint8Array(encode(inputs[i]!, dtype)), dtype);
  });
  const outputSlots = graph.outputs.map((_, i) => {
    const input = mode.donate?.find(([output]) => output === i)?.[1];
    return input === undefined ? slot++ : slotOf[input]!;
  });
  js.run(js.compile(program) as never, io, Float64Array.from(scalars));
  const read = (at: number, elements: number, dtype: DType): Numbers =>
    decode(js.readSync!(io[at]!, elements, dtype), dtype);
  return {
    program,
    outputs: graph.outputs.map((value, i) => {
      const { shape, dtype } = graph.types[value]!;
      return read(outputSlots[i]!, sizeOf(shape), dtype);
    }),
    fault: program.faults === null ? null : read(program.faults.slot, 2, 'int32'),
  };
}

/** Every way of lowering that must not change a number. */
export const modes: Readonly<Record<string, Mode>> = {
  'tier 0': { fuse: false },
  fused: {},
  'fused, 8 regions': { regions: 8 },
  'fused, no epilogues': {
    accepts: (kernel) => (kernel.kind !== 'dot' && kernel.kind !== 'conv') || kernel.epilogue.length === 0,
  },
  'fused, no convolutions': { accepts: (kernel) => kernel.kind !== 'conv' },
  'fused, no products': { accepts: (kernel) => kernel.kind !== 'dot' && kernel.kind !== 'conv' },
};

/** Compares each mode with the evaluator. `near` is the relative distance that sums in another order may have. */
export function expectSame(graph: Graph, inputs: readonly Numbers[], near = 1e-5, mode: Mode = {}): Outcome[] {
  const expected = evaluate(graph, inputs);
  return Object.entries(modes).map(([name, variant]) => {
    const outcome = run(graph, inputs, { ...variant, ...mode });
    outcome.outputs.forEach((numbers, i) => {
      const difference = firstDifference(numbers, expected[i]!, near);
      if (difference !== null) throw new Error(`${name}: output ${i} ${difference}\n${printProgram(outcome.program)}`);
    });
    return outcome;
  });
}

function firstDifference(received: Numbers, expected: Numbers, near: number): string | null {
  if (received.length !== expected.length) return `has ${received.length} elements, not ${expected.length}`;
  for (const [i, b] of expected.entries()) {
    const a = received[i]!;
    if (Object.is(a, b) || a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    if (Math.abs(a - b) <= near * Math.max(1, Math.abs(b))) continue;
    return `[${i}] is ${a}, not ${b}`;
  }
  return null;
}
