/** Which memory a kernel touches, and whether it may write over what it reads. */
import type { ConvKernel, DotKernel, Kernel, LoopKernel, View } from './program.js';

/** Views that a kernel reads and writes; those of a `repeat` are those of its kernels. */
export interface Touched {
  readonly reads: readonly View[];
  readonly writes: readonly View[];
}

type Row<K extends Kernel['kind']> = (kernel: Extract<Kernel, { kind: K }>) => Touched;

const views: { readonly [K in Kernel['kind']]: Row<K> } = {
  loop: ({ inputs, stores }) => ({ reads: inputs, writes: stores.map(({ view }) => view) }),
  dot: ({ a, b, inputs, stores }) => ({ reads: [a, b, ...inputs], writes: stores.map(({ view }) => view) }),
  conv: ({ a, b, inputs, stores }) => ({ reads: [a, b, ...inputs], writes: stores.map(({ view }) => view) }),
  gather: ({ x, indices, out }) => ({ reads: [x, indices], writes: [out] }),
  scatter: ({ indices, updates, out }) => ({ reads: [indices, updates, out], writes: [out] }),
  cumulate: ({ x, out }) => ({ reads: [x], writes: [out] }),
  sort: ({ inputs, outputs }) => ({ reads: inputs, writes: outputs }),
  repeat: ({ kernels }) => {
    const inside = kernels.map(touched);
    return { reads: inside.flatMap(({ reads }) => reads), writes: inside.flatMap(({ writes }) => writes) };
  },
  composite: ({ inputs, outputs }) => ({
    reads: inputs.map(({ view }) => view),
    writes: outputs.map(({ view }) => view),
  }),
};

/** Everything a kernel reads and writes. */
export function touched(kernel: Kernel): Touched {
  return (views[kernel.kind] as Row<Kernel['kind']>)(kernel);
}

type Rename<K extends Kernel['kind']> = (kernel: Extract<Kernel, { kind: K }>, slot: (view: View) => View) => Kernel;

function renameProduct<K extends DotKernel | ConvKernel>(kernel: K, to: (view: View) => View): K {
  return {
    ...kernel,
    a: to(kernel.a),
    b: to(kernel.b),
    inputs: kernel.inputs.map(to),
    stores: kernel.stores.map((store) => ({ ...store, view: to(store.view) })),
  };
}

const renames: { readonly [K in Kernel['kind']]: Rename<K> } = {
  loop: (kernel, to) => ({
    ...kernel,
    inputs: kernel.inputs.map(to),
    stores: kernel.stores.map((store) => ({ ...store, view: to(store.view) })),
  }),
  dot: renameProduct,
  conv: renameProduct,
  gather: (kernel, to) => ({ ...kernel, x: to(kernel.x), indices: to(kernel.indices), out: to(kernel.out) }),
  scatter: (kernel, to) => ({
    ...kernel,
    indices: to(kernel.indices),
    updates: to(kernel.updates),
    out: to(kernel.out),
  }),
  cumulate: (kernel, to) => ({ ...kernel, x: to(kernel.x), out: to(kernel.out) }),
  sort: (kernel, to) => ({ ...kernel, inputs: kernel.inputs.map(to), outputs: kernel.outputs.map(to) }),
  repeat: (kernel, to) => ({ ...kernel, kernels: kernel.kernels.map((inside) => renamed(inside, to)) }),
  composite: (kernel, to) => ({
    ...kernel,
    inputs: kernel.inputs.map((operand) => ({ ...operand, view: to(operand.view) })),
    outputs: kernel.outputs.map((operand) => ({ ...operand, view: to(operand.view) })),
  }),
};

/** The kernel with every view replaced. */
export function renamed(kernel: Kernel, to: (view: View) => View): Kernel {
  return (renames[kernel.kind] as Rename<Kernel['kind']>)(kernel, to);
}

const sameNumbers = (a: readonly number[] = [], b: readonly number[] = []): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

/** Equal but for the slot. */
const sameWindow = (a: View, b: View): boolean =>
  a.dtype === b.dtype && a.offset === b.offset && sameNumbers(a.turns, b.turns) && sameNumbers(a.strides, b.strides);

/** True when `old` is only read, and every read is at the index, and at the level of the loop, at which `made` is written. */
export function worksInPlace(kernel: Kernel, old: number, made: number): boolean {
  if (kernel.kind !== 'loop' && kernel.kind !== 'dot' && kernel.kind !== 'conv') return false;
  if (kernel.kind !== 'loop' && (kernel.a.slot === old || kernel.b.slot === old)) return false;
  const reads = kernel.inputs.flatMap((view, input) =>
    view.slot === old ? [{ view, late: isLate(kernel, input) }] : [],
  );
  const first = kernel.kind === 'loop' ? kernel.body.length : 0;
  if (kernel.stores.some(({ view }) => view.slot === old)) return false;
  const stores = kernel.stores.filter(({ view }) => view.slot === made);
  return stores.every(({ view, value }) =>
    reads.every((read) => sameWindow(read.view, view) && read.late === value >= first),
  );
}

/** True when an input is loaded after the fold, and only there. */
function isLate(kernel: Pick<LoopKernel, 'epilogue'> & Partial<Pick<LoopKernel, 'body'>>, input: number): boolean {
  const loads = (body: LoopKernel['body']): boolean => body.some((step) => step.op === 'load' && step.input === input);
  return loads(kernel.epilogue) && !loads(kernel.body ?? []);
}

/** True for a loop that copies memory onto itself. */
export function isIdle(kernel: Kernel): boolean {
  if (kernel.kind !== 'loop' || kernel.reductions.length > 0) return false;
  return kernel.stores.every(({ view, value }) => {
    const step = kernel.body[value]!;
    if (step.op !== 'load') return false;
    const input = kernel.inputs[step.input]!;
    return input.slot === view.slot && sameWindow(input, view);
  });
}
