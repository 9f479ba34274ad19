/** The contract of memory: what a kernel's views may reach, share and overwrite. */
import { showShape, type Kernel, type View } from '@antler/core';
import { checkDType, fail, type Access, type Accesses, type Place } from './place.js';

/** Checks what all kernels promise about memory, and notes the slots that the kernel fills. */
export function checkAccesses({ reads, writes }: Accesses, kernel: Kernel, place: Place): void {
  const { program, device, where, filled } = place;
  for (const access of [...reads, ...writes]) checkView(access, place);
  const faultable = (kernel.kind === 'gather' || kernel.kind === 'scatter') && kernel.site !== null;
  const slots = new Set([...reads, ...writes].map(({ view }) => view.slot));
  if (faultable) {
    if (slots.has(program.faults!.slot))
      fail(where, 'the fault slot apart from its views', `slot ${program.faults!.slot}`);
    slots.add(program.faults!.slot);
  }
  if (slots.size > device.limits.maxRegionsPerKernel) {
    fail(
      where,
      `at most ${device.limits.maxRegionsPerKernel} distinct slots`,
      `${slots.size} (${[...slots].join(', ')})`,
    );
  }
  for (const read of reads) {
    if (reach(read, place) === null || filled.has(read.view.slot)) continue;
    const { role } = program.slots[read.view.slot]!;
    fail(`${where}, ${read.what}`, `a slot that holds something`, `slot ${read.view.slot} (${role}), not yet written`);
  }
  writes.forEach((write, i) => {
    if (program.slots[write.view.slot]!.role === 'input') {
      fail(`${where}, ${write.what}`, 'a slot that may be written', `slot ${write.view.slot} (input)`);
    }
    checkDistinct(write, place);
    for (const read of reads) checkInPlace(read, write, place);
    for (const other of writes.slice(0, i)) checkApart(other, write, place);
  });
  for (const { view } of writes) filled.add(view.slot);
}

/** A view has one stride per axis and one turn per repeat, and all it can reach lies in its slot. */
function checkView(access: Access, place: Place): void {
  const { what, view, shape } = access;
  const where = `${place.where}, ${what}`;
  const slot = place.program.slots[view.slot];
  if (slot === undefined) fail(where, `a slot in [0, ${place.program.slots.length - 1}]`, String(view.slot));
  checkDType(where, view.dtype, place.device);
  if (view.strides.length !== shape.length) {
    fail(where, `${shape.length} strides (axes ${showShape(shape)})`, showShape(view.strides));
  }
  const turns = view.turns ?? [];
  if (turns.length !== place.counts.length) {
    fail(where, `${place.counts.length} turns (one per enclosing repeat)`, showShape(turns));
  }
  if (![view.offset, ...view.strides, ...turns].every(Number.isSafeInteger)) {
    fail(where, 'a whole offset, strides and turns', `${view.offset}, ${showShape(view.strides)}, ${showShape(turns)}`);
  }
  const range = reach(access, place);
  const bytes = place.device.bytes[view.dtype]!;
  if (range !== null && (range[0] < 0 || (range[1] + 1) * bytes > slot.bytes)) {
    const within = `elements 0 to ${Math.floor(slot.bytes / bytes) - 1} of slot ${view.slot} (${slot.bytes} bytes of ${view.dtype})`;
    fail(where, `a view within ${within}`, `elements ${range[0]} to ${range[1]}`);
  }
}

/** First and last element that a view reaches, over all turns; null when it reaches none. */
function reach({ view, shape }: Access, { counts }: Place): readonly [number, number] | null {
  let [low, high] = [view.offset, view.offset];
  const sizes = [...counts, ...shape];
  for (const [i, step] of [...(view.turns ?? []), ...view.strides].entries()) {
    if (sizes[i] === 0) return null;
    const far = step * (sizes[i]! - 1);
    if (far < 0) low += far;
    else high += far;
  }
  return [low, high];
}

/** Enumerations stay below this; views of larger kernels must be provably apart by their strides alone. */
const enumerable = 65536;

/** A store writes each element once: strides nest, or a count of the elements shows it. */
function checkDistinct({ what, view, shape: all, overlaps }: Access, place: Place): void {
  const shape = all.map((size, axis) => (overlaps?.has(axis) === true ? Math.min(size, 1) : size));
  const steps = view.strides
    .map((stride, axis) => ({ stride: Math.abs(stride), size: shape[axis]! }))
    .filter(({ size }) => size !== 1)
    .sort((a, b) => a.stride - b.stride);
  let span = 0;
  const nested = steps.every(({ stride, size }) => {
    const apart = stride > span;
    span += stride * (size - 1);
    return apart;
  });
  if (nested || shape.includes(0)) return;
  const elements = elementsOf(view, shape);
  if (elements === null || new Set(elements).size < elements.length) {
    const received = `strides ${showShape(view.strides)} over axes ${showShape(shape)}`;
    fail(`${place.where}, ${what}`, 'a view that writes each element once', received);
  }
}

function elementsOf({ offset, strides }: View, shape: readonly number[]): number[] | null {
  if (shape.reduce((a, b) => a * b, 1) > enumerable) return null;
  let elements = [offset];
  shape.forEach((size, axis) => {
    elements = elements.flatMap((at) => Array.from({ length: size }, (_, i) => at + i * strides[axis]!));
  });
  return elements;
}

/** What a kernel reads from a slot that it writes is read at exactly the index that is written. */
function checkInPlace(read: Access, write: Access, place: Place): void {
  if (read.view.slot !== write.view.slot || reach(read, place) === null || reach(write, place) === null) return;
  const [a, b] = [read.view, write.view];
  const same =
    read.inPlace &&
    a.dtype === b.dtype &&
    a.offset === b.offset &&
    a.strides.length === b.strides.length &&
    place.counts.every((count, i) => count === 1 || a.turns![i] === b.turns![i]) &&
    a.strides.every((stride, i) => stride === b.strides[i] || (read.shape[i] === 1 && write.shape[i] === 1));
  if (!same) {
    const expected = read.inPlace
      ? `the very view of ${write.what} (${showView(b)}), which shares slot ${b.slot}`
      : `another slot than ${write.what}`;
    fail(`${place.where}, ${read.what}`, expected, showView(a));
  }
}

/** Two stores of one kernel never meet. */
function checkApart(one: Access, two: Access, place: Place): void {
  if (one.view.slot !== two.view.slot) return;
  const [a, b] = [reach(one, { ...place, counts: [] }), reach(two, { ...place, counts: [] })];
  if (a === null || b === null) return;
  const sameTurns = place.counts.every((count, i) => count === 1 || one.view.turns![i] === two.view.turns![i]);
  const sameBytes = place.device.bytes[one.view.dtype] === place.device.bytes[two.view.dtype];
  if (sameTurns && sameBytes) {
    if (a[1] < b[0] || b[1] < a[0]) return;
    const elements = new Set(elementsOf(one.view, one.shape) ?? []);
    const others = elementsOf(two.view, two.shape);
    if (elements.size > 0 && others !== null && !others.some((at) => elements.has(at))) return;
  }
  fail(`${place.where}, ${two.what}`, `a view apart from ${one.what} (${showView(one.view)})`, showView(two.view));
}

function showView({ slot, dtype, offset, turns, strides }: View): string {
  const turning = turns === undefined ? '' : ` turns ${showShape(turns)}`;
  return `slot ${slot} ${dtype} from ${offset}${turning} by ${showShape(strides)}`;
}
