/** A step in the axes of another loop: the same axes in another order, or the same elements with axes split and joined. */
import type { Term } from './expand.js';
import type { LoopStep } from './steps.js';
import type { Access } from './views.js';

/**
 * The step in a loop over `space`. When it reads `mine` at each index, and the loop has that at `theirs`, its axes are put
 * into the order that makes the two equal. Undefined when there is no such order and the axes do not match otherwise.
 */
export function arrange(
  step: LoopStep,
  space: readonly number[],
  same?: { readonly mine: Access; readonly theirs: Access },
): LoopStep | undefined {
  const order = same === undefined ? undefined : orderOf(same.mine, step.space, same.theirs, space);
  if (order !== undefined) return moved(step, space, (strides) => order.map((axis) => strides[axis]!));
  const runs = runsOf(step, space);
  return (
    runs && moved(step, space, (strides) => runs.flatMap(({ last, units }) => units.map((n) => strides[last]! * n)))
  );
}

/** For each axis of `space`, the axis of `own` that steps through the same elements. */
function orderOf(mine: Access, own: readonly number[], theirs: Access, space: readonly number[]): number[] | undefined {
  if (own.length !== space.length) return undefined;
  const order: number[] = [];
  for (const [axis, size] of space.entries()) {
    const found = own.findIndex(
      (length, i) => length === size && mine.strides[i] === theirs.strides[axis] && !order.includes(i),
    );
    if (found < 0) return undefined;
    order.push(found);
  }
  return order;
}

/** Neighbouring axes of a step that become neighbouring axes of a loop, as many elements long. */
interface Run {
  /** The innermost axis of the step. */
  readonly last: number;
  /** For each axis of the loop, how many elements of the run one step along it is. */
  readonly units: readonly number[];
}

/** Splits both lists of axes into the shortest runs that match; what a run joins must be one axis to every access. */
function runsOf(step: LoopStep, space: readonly number[]): Run[] | undefined {
  const own = step.space;
  const runs: Run[] = [];
  let at = 0;
  for (let axis = 0; axis < space.length;) {
    const begin = axis;
    const first = at;
    let [mine, theirs] = [1, 1];
    do {
      if (mine <= theirs) mine *= own[at++] ?? NaN;
      else theirs *= space[axis++] ?? NaN;
      if (Number.isNaN(mine * theirs)) return undefined;
    } while (mine !== theirs);
    for (let i = first; i < at - 1; i++) if (!isOneAxis(step, i)) return undefined;
    const sizes = space.slice(begin, axis);
    runs.push({ last: at - 1, units: sizes.map((_, i) => sizes.slice(i + 1).reduce((a, b) => a * b, 1)) });
  }
  return at === own.length ? runs : undefined;
}

/** True when every access goes from axis i to the next as through one axis. */
function isOneAxis(step: LoopStep, i: number): boolean {
  const { space, terms, reduce } = step;
  if (reduce !== null && reduce.axes[i] !== reduce.axes[i + 1]) return false;
  const joins = (strides: readonly number[]): boolean => strides[i] === strides[i + 1]! * space[i + 1]!;
  return terms.every(({ access }) => joins(access.strides)) && joins(placeStrides(step));
}

/** Strides of the place over all axes; 0 along those that are folded. */
function placeStrides({ space, reduce, place }: LoopStep): number[] {
  let kept = 0;
  return space.map((_, axis) => (reduce?.axes[axis] ? 0 : place.strides[kept++]!));
}

function moved(step: LoopStep, space: readonly number[], move: (strides: readonly number[]) => number[]): LoopStep {
  const { reduce } = step;
  const terms = new Map<Term, Term>();
  // Arguments come before what uses them.
  for (const term of step.terms) {
    const access = { offset: term.access.offset, strides: move(term.access.strides) };
    terms.set(term, { ...term, access, args: term.args.map((arg) => terms.get(arg)!) });
  }
  // A flag moves like a stride: an axis is folded when the axis that it is a part of was.
  const flags = reduce === null ? null : move(reduce.axes.map(Number)).map(Boolean);
  const strides = move(placeStrides(step));
  return {
    ...step,
    terms: [...terms.values()],
    space,
    reduce: flags === null ? null : { op: reduce!.op, axes: flags },
    place: { offset: step.place.offset, strides: strides.filter((_, axis) => !flags?.[axis]) },
  };
}
