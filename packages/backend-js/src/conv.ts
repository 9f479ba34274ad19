/**
 * The conv kernel: the matrix products of `geometry.ts`, block by block in float64, without ever making the matrix of
 * windows. Rows leave through the epilogue, the columns of one group at a time; groups of a few columns go all together, as
 * lanes, because panels would be mostly empty and rows too short.
 */
import type { ConvKernel, DType, TypedArray } from '@antler/core';
import { Body, storeAll, type Value } from './body.js';
import { positionCursor, tileSize, type Context, type Cursor, type Frame, type Run } from './context.js';
import { finishOf } from './folds.js';
import { gridOffsets, planConvolution, type Phase } from './geometry.js';
import { floatProduct, multiplyLanes, packFloats, panelColumns, panelLanes, panelRows, wholePanels } from './panels.js';

// A multiple of a panel's lines; the panels stay in a second-level cache.
const blockRows = 63;
const blockDepth = 256;
/** Columns of a group from which on panels are faster than lanes. */
const fewColumns = 8;

/** Memory that kernels use one after the other, as large as the largest needs. */
class Rooms {
  sample: Float64Array = new Float64Array(0);
  packed: Float64Array = new Float64Array(0);
  sums: Float64Array = new Float64Array(0);

  grow(sample: number, packed: number, sums: number): void {
    if (this.sample.length < sample) this.sample = new Float64Array(sample);
    if (this.packed.length < packed) this.packed = new Float64Array(packed);
    if (this.sums.length < sums) this.sums = new Float64Array(sums);
  }
}

const makeRooms = (): Rooms => new Rooms();

/** A phase with its offsets cut into blocks. */
interface Product {
  readonly rows: readonly Int32Array[];
  readonly depth: readonly Int32Array[];
  readonly depthB: readonly Int32Array[];
  /** Where its part of b is packed. */
  readonly packedAt: number;
  /** For each view of the result, offsets of the rows. */
  readonly places: readonly Int32Array[];
}

/** Prepares a convolution. */
export function prepareConv(kernel: ConvKernel, context: Context): Run {
  const { map, groups, epilogue, dtype, strides } = kernel;
  const shape = kernel[map];
  const [roleA, roleB] = (
    { output: ['input', 'kernel'], input: ['output', 'kernel'], kernel: ['input', 'output'] } as const
  )[map];
  const batch = kernel[roleA][0]!;
  const last = strides.length + 1;
  const own = map === 'input' ? kernel.kernel[last - 1]! : kernel.kernel[last]! / groups;
  const together = own < fewColumns ? groups : 1;
  const { room, phases, rowAxes, columnAxisB } = planConvolution(kernel, together);
  const columns = own * together;
  /** Columns of b in a panel. */
  const size = together > 1 ? panelLanes : panelColumns;
  const width = wholePanels(columns, size);
  const roomSize = room.sizes.reduce((all, size) => all * size, room.channels);
  const rooms = context.shared(makeRooms);

  const a = context.cursor(kernel.a, kernel[roleA]);
  const b = context.cursor(kernel.b, kernel[roleB]);
  const copied = copiedOffsets(kernel[roleA], a.strides, room);
  const channels = room.channels / together;
  const groupA = channels * a.strides[last]!;
  const groupB = (map === 'input' ? channels : own) * b.strides[last]!;
  const lines = gridOffsets([together, own], [groupB, b.strides[columnAxisB]!]);
  /** Where the channels of each column's group begin in the room; those of missing columns anywhere. */
  const lanes = new Int32Array(width);
  lanes.set(gridOffsets([together, own], [channels, 0]));

  const finish = finishOf(dtype);
  const registers = context.registers();
  const sum: Value = { register: registers.take(dtype), dtype, constant: false };
  const values = [sum];
  const body = new Body(epilogue, values, registers, {
    load: (input): Cursor => context.cursor(kernel.inputs[input]!, shape),
    position: (axis, of: DType): Cursor => positionCursor(axis, shape, of),
  });
  const outputs = kernel.stores.map(({ view, value }) => ({
    cursor: context.cursor(view, shape),
    value: values[value]!,
  }));
  const results = [...body.cursors, ...outputs.map(({ cursor }) => cursor)];
  for (const cursor of results) cursor.lanes = { stride: cursor.strides[last]!, table: null };
  /** Where the sample and group begin in each view of the result. */
  const origins = new Float64Array(results.length);

  let packedSize = 0;
  const products = phases.map((phase): Product => {
    const packedAt = packedSize;
    packedSize += phase.depth.length * width;
    return {
      rows: blocksOf(phase.rows, blockRows),
      depth: blocksOf(phase.depth, blockDepth),
      depthB: blocksOf(phase.depthB, blockDepth),
      packedAt,
      places: results.map((cursor) => placesOf(phase, rowAxes, cursor.strides)),
    };
  });
  const taps = phases[0]?.rows.length ?? 0;

  const enter = (sample: number, group: number): void => {
    const base = a.origin + sample * a.strides[0]! + group * groupA;
    fillSample(rooms.sample, a.memory, base, copied.from, copied.to, room.channels, a.strides[last]!);
  };
  const place = (sample: number, group: number): void => {
    for (let i = 0; i < results.length; i++) {
      const { origin, strides: own } = results[i]!;
      origins[i] = origin + group * columns * own[last]! + (map === 'kernel' ? 0 : sample * own[0]!);
    }
  };
  const pack = ({ depthB }: Product, block: number, base: number, at: number): void => {
    const along = depthB[block]!;
    const panels = rooms.packed.subarray(at, at + along.length * width);
    packFloats(panels, size, b.memory, base, lines, columns, along, along.length);
  };
  /** Adds a block of rows times a block of depth to the sums from `at` on. */
  const multiply = (rows: Int32Array, along: Int32Array, packedAt: number, at: number): void => {
    const { sample, packed, sums } = rooms;
    const depth = along.length;
    if (together > 1) {
      rows.forEach((row, i) => multiplyLanes(sums, at + i * width, sample, row, lanes, packed, packedAt, along));
      return;
    }
    packRows(floatProduct.a, sample, rows, along);
    for (let j = 0; j < columns; j += panelColumns) {
      const from = packedAt + j * depth;
      floatProduct.b.set(packed.subarray(from, from + panelColumns * depth));
      for (let i = 0; i < rows.length; i += panelRows) {
        floatProduct.multiply(sums, at + i * width + j, width, i * depth, 0, depth);
      }
    }
  };
  /** Sends rows of sums through the epilogue. */
  const leave = ({ places }: Product, first: number, count: number, frame: Frame): void => {
    for (let row = 0; row < count; row++) {
      for (let left = 0; left < columns; left += tileSize) {
        const length = Math.min(tileSize, columns - left);
        for (let i = 0; i < results.length; i++) {
          const cursor = results[i]!;
          cursor.base = origins[i]! + places[i]![first + row]! + left * cursor.lanes.stride;
        }
        finish(sum.register, length, rooms.sums, row * width + left);
        body.run(length, frame);
        storeAll(outputs, length);
      }
    }
  };

  /** Outputs or inputs: each sample's rows by a kernel that is packed once. */
  const runSamples = (group: number, frame: Frame): void => {
    for (const product of products) {
      const base = b.origin + group * groupB;
      product.depth.forEach((_, i) => pack(product, i, base, product.packedAt + i * blockDepth * width));
    }
    for (let sample = 0; sample < batch; sample++) {
      enter(sample, group);
      place(sample, group);
      for (const product of products) {
        const { rows, depth, packedAt } = product;
        for (let block = 0; block < rows.length; block++) {
          rooms.sums.fill(0, 0, blockRows * width);
          for (let i = 0; i < depth.length; i++) {
            multiply(rows[block]!, depth[i]!, packedAt + i * blockDepth * width, 0);
          }
          leave(product, block * blockRows, rows[block]!.length, frame);
        }
      }
    }
  };

  /** The kernel: a sum over all samples. */
  const runKernel = (group: number, frame: Frame): void => {
    const [product] = products as [Product];
    const { rows, depth } = product;
    rooms.sums.fill(0, 0, wholePanels(taps, panelRows) * width);
    for (let sample = 0; sample < batch; sample++) {
      enter(sample, group);
      const base = b.origin + sample * b.strides[0]! + group * groupB;
      for (let i = 0; i < depth.length; i++) {
        pack(product, i, base, 0);
        for (let block = 0; block < rows.length; block++) {
          multiply(rows[block]!, depth[i]!, 0, block * blockRows * width);
        }
      }
    }
    place(0, group);
    leave(product, 0, taps, frame);
  };

  return (frame) => {
    rooms.grow(roomSize, packedSize, (map === 'kernel' ? wholePanels(taps, panelRows) : blockRows) * width);
    rooms.sample.fill(0, 0, roomSize);
    for (const cursor of [a, b, ...outputs.map((output) => output.cursor)]) cursor.enter(frame);
    body.enter(frame, Math.min(columns, tileSize));
    for (let group = 0; group < groups; group += together) {
      if (map === 'kernel') runKernel(group, frame);
      else runSamples(group, frame);
    }
    for (const cursor of [a, b, ...results]) cursor.leave();
  };
}

/** Parts of at most `size` elements. */
function blocksOf(table: Int32Array, size: number): Int32Array[] {
  return Array.from({ length: Math.ceil(table.length / size) }, (_, i) => table.subarray(i * size, (i + 1) * size));
}

/** Where the rows of a phase lie in a view of the result. */
function placesOf(phase: Phase, rowAxes: readonly number[], strides: readonly number[]): Int32Array {
  const along = rowAxes.map((axis) => strides[axis]!);
  const start = along.reduce((sum, stride, i) => sum + stride * phase.starts[i]!, 0);
  return gridOffsets(
    phase.sizes,
    along.map((stride, i) => stride * phase.steps[i]!),
    start,
  );
}

/** From where to where each position of a sample goes that lies in the room. */
function copiedOffsets(
  shape: readonly number[],
  strides: readonly number[],
  { sizes, shifts, channels }: { sizes: readonly number[]; shifts: readonly number[]; channels: number },
): { from: Int32Array; to: Int32Array } {
  const spatial = shape.slice(1, -1);
  const first = shifts.map((shift) => Math.max(0, -shift));
  const counts = spatial.map((size, i) => Math.max(0, Math.min(size, sizes[i]! - shifts[i]!) - first[i]!));
  const own = sizes.map((_, i) => sizes.slice(i + 1).reduce((all, size) => all * size, channels));
  const given = strides.slice(1, -1);
  const at = (along: readonly number[], from: readonly number[]): number =>
    along.reduce((sum, stride, i) => sum + stride * from[i]!, 0);
  const shifted = first.map((n, i) => n + shifts[i]!);
  return {
    from: gridOffsets(counts, given, at(given, first)),
    to: gridOffsets(counts, own, at(own, shifted)),
  };
}

/** Copies the channels of each position. */
type Fill = (
  sample: Float64Array,
  memory: TypedArray,
  base: number,
  from: Int32Array,
  to: Int32Array,
  channels: number,
  stride: number,
) => void;

const fillSample: Fill = (sample, memory, base, from, to, channels, stride) => {
  for (let i = 0; i < from.length; i++) {
    let at = base + from[i]!;
    const start = to[i]!;
    for (let c = 0; c < channels; c++, at += stride) sample[start + c] = memory[at]!;
  }
};

/** Rows in panels, depth by depth; missing rows of the last panel are zeros. */
function packRows(panels: Float64Array, sample: Float64Array, rows: Int32Array, along: Int32Array): void {
  const depth = along.length;
  let to = 0;
  let row = 0;
  for (; row + 2 < rows.length; row += panelRows) {
    const [r0, r1, r2] = [rows[row]!, rows[row + 1]!, rows[row + 2]!];
    for (let k = 0; k < depth; k++, to += panelRows) {
      const at = along[k]!;
      panels[to] = sample[r0 + at]!;
      panels[to + 1] = sample[r1 + at]!;
      panels[to + 2] = sample[r2 + at]!;
    }
  }
  const rest = rows.length - row;
  if (rest === 0) return;
  panels.fill(0, to, to + panelRows * depth);
  for (let i = 0; i < rest; i++) {
    const start = rows[row + i]!;
    for (let k = 0; k < depth; k++) panels[to + panelRows * k + i] = sample[start + along[k]!]!;
  }
}
