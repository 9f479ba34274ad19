/** Which memory a kernel touches, and whether it may write over what it reads. */
import type { Kernel, LoopKernel, View } from './program.js';

/** Views that a kernel reads and writes; those of a `repeat` are those of its kernels. */
export interface Touched {
  readonly reads: readonly View[];
  readonly writes: readonly View[];
}

type Use = 'read' | 'write' | 'update';

/** The fields of each kernel that hold views, and what is done with them. */
const fields: { readonly [K in Kernel['kind']]: { readonly [F in keyof Extract<Kernel, { kind: K }>]?: Use } } = {
  loop: { inputs: 'read', stores: 'write' },
  dot: { a: 'read', b: 'read', inputs: 'read', stores: 'write' },
  conv: { a: 'read', b: 'read', inputs: 'read', stores: 'write' },
  gather: { x: 'read', indices: 'read', out: 'write' },
  scatter: { indices: 'read', updates: 'read', out: 'update' },
  cumulate: { x: 'read', out: 'write' },
  sort: { inputs: 'read', outputs: 'write' },
  repeat: {},
  composite: { inputs: 'read', outputs: 'write' },
};

type Part = View | { readonly view: View } | readonly Part[];

function visitPart(part: Part, visit: (view: View) => View): Part {
  if (Array.isArray(part)) return part.map((one: Part) => visitPart(one, visit));
  return 'view' in part ? { ...part, view: visit(part.view) } : visit(part as View);
}

/** The kernel with every view replaced. */
export function renamed(kernel: Kernel, visit: (view: View, use: Use) => View): Kernel {
  if (kernel.kind === 'repeat') return { ...kernel, kernels: kernel.kernels.map((inside) => renamed(inside, visit)) };
  const parts = kernel as unknown as Readonly<Record<string, Part>>;
  const visited = Object.entries(fields[kernel.kind]).map(
    ([name, use]) => [name, visitPart(parts[name]!, (view) => visit(view, use))] as const,
  );
  return { ...kernel, ...Object.fromEntries(visited) };
}

/** Everything a kernel reads and writes. */
export function touched(kernel: Kernel): Touched {
  const reads: View[] = [];
  const writes: View[] = [];
  renamed(kernel, (view, use) => {
    if (use !== 'write') reads.push(view);
    if (use !== 'read') writes.push(view);
    return view;
  });
  return { reads, writes };
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
