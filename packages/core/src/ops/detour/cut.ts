/**
 * Cutting: a program with kernels that its device refuses (composites without a decomposition) becomes parts, of which each
 * refused kernel is one. What lives across a cut, temporaries included, is memory that the parts are given.
 */
import type { DType } from '../../dtype.js';
import { sizeOf } from '../../shape.js';
import type { CompositeKernel, Kernel, Program, Slot, View } from '../../graph/program.js';
import { renamed, touched } from '../../graph/touch.js';

/** A part of a program: a program of its own, for the device or for whoever runs what the device refused. */
export interface Part {
  readonly program: Program;
  /** For each slot that is not `temp`, the slot of the whole program that it is. */
  readonly slots: readonly number[];
  /** What is in the slots of a refused kernel, as far as it touches them; null for parts of the device. */
  readonly contents: readonly Contents[] | null;
}

/** Elements of a slot, from its beginning. */
export interface Contents {
  readonly dtype: DType;
  readonly elements: number;
}

/**
 * The parts of a program, in order; null when the device takes all of it. A repeat around a refused kernel becomes its turns.
 * @param bytes of an element where the refused kernels will run
 */
export function cutProgram(
  program: Program,
  refuses: (kernel: CompositeKernel) => boolean,
  bytes: (contents: Contents) => number,
): readonly Part[] | null {
  const isRefused = (kernel: Kernel): kernel is CompositeKernel => kernel.kind === 'composite' && refuses(kernel);
  const kernels = program.kernels.flatMap((kernel) => unrolled(kernel, isRefused));
  if (!kernels.some(isRefused)) return null;
  const groups: Kernel[][] = [];
  let open = false;
  for (const kernel of kernels) {
    if (!isRefused(kernel) && open) groups.at(-1)!.push(kernel);
    else groups.push([kernel]);
    open = !isRefused(kernel);
  }
  const uses = groups.map((group) => touched({ kind: 'repeat', count: 1, kernels: group, scopes: [] }));
  /** How many parts touch each slot: a temporary of one part stays its own. */
  const sharers = new Map<number, number>();
  for (const { reads, writes } of uses) {
    for (const slot of slotsOf([...reads, ...writes])) sharers.set(slot, (sharers.get(slot) ?? 0) + 1);
  }
  const filled = new Set(
    program.slots.flatMap(({ role }, slot) => (role === 'input' || role === 'inout' ? [slot] : [])),
  );
  return groups.map((group, i) => {
    const { reads, writes } = uses[i]!;
    const refused = isRefused(group[0]!);
    const written = slotsOf(writes);
    const faults = refused ? null : program.faults;
    // Whichever kernel meets a bad index writes the fault slot, which no view says.
    if (faults !== null) written.add(faults.slot);
    const isOwn = (slot: number): boolean =>
      !refused && program.slots[slot]!.role === 'temp' && sharers.get(slot) === 1;
    const roleOf = (slot: number): Slot['role'] => {
      if (isOwn(slot)) return 'temp';
      if (!filled.has(slot)) return 'output';
      return written.has(slot) ? 'inout' : 'input';
    };
    const used = [...new Set([...slotsOf(reads), ...written])].sort((a, b) => a - b);
    const given = used.filter((slot) => !isOwn(slot));
    const order = [...given, ...used.filter(isOwn)];
    const contents = refused ? given.map((slot) => contentsOf([...reads, ...writes], slot, group[0]!)) : null;
    const slots = order.map((slot, at): Slot => {
      const inside = contents?.[at];
      const size = inside === undefined ? program.slots[slot]!.bytes : inside.elements * bytes(inside);
      return { bytes: size, role: roleOf(slot) };
    });
    for (const slot of written) filled.add(slot);
    const part: Program = {
      key: `${program.key}|part ${i}`,
      slots,
      scalars: program.scalars,
      kernels: group.map((kernel) => renamed(kernel, (view) => ({ ...view, slot: order.indexOf(view.slot) }))),
      faults: faults === null ? null : { ...faults, slot: order.indexOf(faults.slot) },
    };
    return { program: part, slots: given, contents };
  });
}

const slotsOf = (views: readonly View[]): Set<number> => new Set(views.map(({ slot }) => slot));

/** A kernel as it is, or the turns of a repeat that holds a refused one. */
function unrolled(kernel: Kernel, isRefused: (kernel: Kernel) => boolean): Kernel[] {
  if (kernel.kind !== 'repeat') return [kernel];
  const inside = kernel.kernels.flatMap((inner) => unrolled(inner, isRefused));
  if (!inside.some(isRefused)) return [kernel];
  return Array.from({ length: kernel.count }, (_, turn) => inside.map((inner) => renamed(inner, atTurn(turn)))).flat();
}

/** The view at a turn of the outermost repeat that it is in. */
const atTurn =
  (turn: number) =>
  ({ turns = [], ...view }: View): View => {
    const [step = 0, ...rest] = turns;
    const moved = { ...view, offset: view.offset + step * turn };
    return rest.length === 0 ? moved : { ...moved, turns: rest };
  };

function contentsOf(views: readonly View[], slot: number, kernel: Kernel): Contents {
  const { inputs, outputs } = kernel as CompositeKernel;
  const ends = [...inputs, ...outputs].flatMap(({ view, shape }) =>
    view.slot === slot ? [view.offset + sizeOf(shape)] : [],
  );
  return { dtype: views.find((view) => view.slot === slot)!.dtype, elements: Math.max(...ends) };
}
