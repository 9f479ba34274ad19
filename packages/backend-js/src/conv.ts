/**
 * The conv kernel: the matrix products of `geometry.ts`, without ever making the matrix of windows. One sample of a is in a
 * room with zeros around it. The columns of a group are multiplied as panels; groups of a few columns go all together, as
 * lanes, because panels would be mostly empty and rows too short.
 */
import { sizeOf, type ConvKernel, type TypedArray } from '@antler/core';
import { offsetAt, offsetsOf } from './axes.js';
import type { Context, Cursor, Run } from './context.js';
import { planConvolution, type Phase, type Room } from './geometry.js';
import {
  floatProduct,
  multiplyLanes,
  multiplyPanels,
  packFloats,
  panelColumns,
  panelLanes,
  panelRows,
  wholePanels,
} from './panels.js';
import { blockDepth, prepareProduct, type Product } from './product.js';

/** Columns of a group from which on panels are faster than lanes. */
const fewColumns = 8;

/** The room of whichever kernel runs, as large as the largest needs. */
const makeRoom = (): { numbers: Float64Array } => ({ numbers: new Float64Array(0) });

/** Prepares a convolution. */
export function prepareConv(kernel: ConvKernel, context: Context): Run {
  const { map, groups } = kernel;
  const [shapeA, shape] = [map === 'input' ? kernel.output : kernel.input, kernel[map]];
  const last = kernel.strides.length + 1;
  const own = map === 'input' ? kernel.kernel[last - 1]! : kernel.kernel[last]! / groups;
  const together = own < fewColumns ? groups : 1;
  const columns = own * together;
  const { room, phases, columnAxisB } = planConvolution(kernel, together);
  const shared = context.shared(makeRoom);
  const roomSize = sizeOf(room.sizes) * room.channels;

  const a = context.cursor(kernel.a);
  const b = context.cursor(kernel.b);
  const copied = copiedOffsets(shapeA, a.strides, room);
  const channels = room.channels / together;
  const groupA = channels * a.strides[last]!;
  const groupB = (map === 'input' ? channels : own) * b.strides[last]!;
  const linesB = offsetsOf([together, own], [groupB, b.strides[columnAxisB]!]);
  /** Where the channels of each column's group begin in the room; those of missing columns anywhere. */
  const lanes = new Int32Array(columns + panelLanes);
  lanes.set(offsetsOf([together, own], [channels, 0]));

  // A kernel is a sum over all samples; outputs and inputs are products of each.
  const [samples, batch] = map === 'kernel' ? [shapeA[0]!, []] : [1, [shapeA[0]!]];
  /** Which sample and group the room holds. */
  let held = -1;
  const fill = (sample: number, group: number): void => {
    if (held === (held = sample * groups + group)) return;
    const base = a.origin + sample * a.strides[0]! + group * groupA;
    fillRoom(shared.numbers, a.memory, base, copied.from, copied.to, room.channels, a.strides[last]!);
  };

  const productOf = ({ sizes, starts, steps, ...phase }: Phase): Product => ({
    ...kernel,
    batch: [...batch, groups / together],
    m: sizes,
    n: [columns],
    shape,
    over(cursor: Cursor): Cursor {
      const [along, own] = [cursor.strides.slice(batch.length, last), cursor.strides[last]!];
      return cursor.over(
        [...cursor.strides.slice(0, batch.length), columns * own, ...along.map((stride, i) => stride * steps[i]!), own],
        offsetAt(along, starts),
      );
    },
    operands: [a, b],
    sum({ turn, top, left, rows, columns }, sums, stride) {
      const group = turn % (groups / together);
      const first = Math.floor(turn / (groups / together));
      const lines = phase.rows.subarray(top, top + rows);
      const columnsB = linesB.subarray(left, left + columns);
      const columnLanes = lanes.subarray(left, left + wholePanels(columns, panelLanes));
      for (let sample = first; sample < first + samples; sample++) {
        fill(sample, group);
        const baseB = b.origin + group * groupB + (map === 'kernel' ? sample * b.strides[0]! : 0);
        for (let start = 0; start < phase.depth.length; start += blockDepth) {
          const along = phase.depth.subarray(start, start + blockDepth);
          const alongB = phase.depthB.subarray(start, start + blockDepth);
          const size = together > 1 ? panelLanes : panelColumns;
          packFloats(floatProduct.b, size, b.memory, baseB, columnsB, columns, alongB, along.length);
          if (together > 1) {
            for (let i = 0; i < rows; i++) {
              multiplyLanes(sums, i * stride, shared.numbers, lines[i]!, columnLanes, floatProduct.b, along);
            }
          } else {
            packFloats(floatProduct.a, panelRows, shared.numbers, 0, lines, rows, along, along.length);
            multiplyPanels(floatProduct.multiply, sums, stride, rows, columns, along.length);
          }
        }
      }
    },
  });

  const runs = phases.map((phase) => prepareProduct(productOf(phase), context));
  return (frame) => {
    if (shared.numbers.length < roomSize) shared.numbers = new Float64Array(roomSize);
    shared.numbers.fill(0, 0, roomSize);
    held = -1;
    for (const run of runs) run(frame);
  };
}

/** From where to where each position of a sample goes that lies in the room. */
function copiedOffsets(
  shape: readonly number[],
  strides: readonly number[],
  { sizes, shifts, channels }: Room,
): { from: Int32Array; to: Int32Array } {
  const first = shifts.map((shift) => Math.max(0, -shift));
  const counts = first.map((from, i) => Math.max(0, Math.min(shape[i + 1]!, sizes[i]! - shifts[i]!) - from));
  const own = sizes.map((_, i) => sizeOf(sizes.slice(i + 1)) * channels);
  const given = strides.slice(1, -1);
  const shifted = first.map((n, i) => n + shifts[i]!);
  return {
    from: offsetsOf(counts, given, offsetAt(given, first)),
    to: offsetsOf(counts, own, offsetAt(own, shifted)),
  };
}

/** Copies the channels of each position. */
function fillRoom(
  room: Float64Array,
  memory: TypedArray,
  base: number,
  from: Int32Array,
  to: Int32Array,
  channels: number,
  stride: number,
): void {
  for (let i = 0; i < from.length; i++) {
    let at = base + from[i]!;
    const start = to[i]!;
    for (let c = 0; c < channels; c++, at += stride) room[start + c] = memory[at]!;
  }
}
