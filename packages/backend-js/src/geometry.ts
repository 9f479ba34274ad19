/**
 * A convolution as matrix products. One sample of a's spatial axes is copied into a room with zeros around it, so that where
 * row m meets depth k is the sum of two offsets: `rows[m] + depth[k]`. The input's map falls into phases, one for each place
 * between two outputs, because different taps reach each of them.
 */
import type { ConvKernel } from '@antler/core';

/** One matrix product: result[row, column] = Σ_k room[rows[row] + depth[k]] · b[depthB[k] + column]. */
export interface Phase {
  /** Offsets in the room. */
  readonly rows: Int32Array;
  readonly depth: Int32Array;
  /** Offsets in b, of its first column. */
  readonly depthB: Int32Array;
  /** The rows as a grid over `rowAxes` of the result: its sizes, where it starts and how it steps. */
  readonly sizes: readonly number[];
  readonly starts: readonly number[];
  readonly steps: readonly number[];
}

/** How a sample lies in the room: its spatial axes begin at `shifts`, and what falls outside is left out. */
export interface Room {
  readonly sizes: readonly number[];
  readonly shifts: readonly number[];
  /** Of all groups that share the room. */
  readonly channels: number;
}

/** Everything about one kernel that does not depend on memory; the same for every sample, and every group in a room of its own. */
export interface Plan {
  readonly room: Room;
  readonly phases: readonly Phase[];
  /** Axes of the result that are rows. Its last axis has the columns. */
  readonly rowAxes: readonly number[];
  /** The axis of b that columns are. */
  readonly columnAxisB: number;
}

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

/** Row-major strides. */
function stridesOf(sizes: readonly number[]): number[] {
  return sizes.map((_, axis) => product(sizes.slice(axis + 1)));
}

/** Offsets of a grid: start + Σ index · stride, in row-major order. */
export function gridOffsets(sizes: readonly number[], strides: readonly number[], start = 0): Int32Array {
  let offsets = [start];
  sizes.forEach((size, axis) => {
    const stride = strides[axis]!;
    offsets = offsets.flatMap((offset) => Array.from({ length: size }, (_, i) => offset + i * stride));
  });
  return Int32Array.from(offsets);
}

/** All combinations of one entry of each list. */
function combinations<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>((all, list) => all.flatMap((head) => list.map((entry) => [...head, entry])), [[]]);
}

const planners: { readonly [M in ConvKernel['map']]: (kernel: ConvKernel, together: number) => Plan } = {
  output(kernel, together) {
    const { output, strides, dilation, b } = kernel;
    const { room, roomStrides, taps, channels, spatial } = inputRoom(kernel, together);
    const along = roomStrides.slice(0, -1);
    const reach = [...along.map((stride, i) => stride * dilation[i]!), 1];
    return {
      room,
      phases: [
        {
          rows: gridOffsets(
            spatial(output),
            along.map((stride, i) => stride * strides[i]!),
          ),
          depth: gridOffsets([...taps, channels], reach),
          depthB: gridOffsets([...taps, channels], b.strides.slice(0, -1)),
          ...everything(spatial(output)),
        },
      ],
      rowAxes: taps.map((_, i) => i + 1),
      columnAxisB: taps.length + 1,
    };
  },
  kernel(kernel, together) {
    const { output, strides, dilation, b } = kernel;
    const { room, roomStrides, taps, channels, spatial } = inputRoom(kernel, together);
    const along = roomStrides.slice(0, -1);
    return {
      room,
      phases: [
        {
          rows: gridOffsets([...taps, channels], [...along.map((stride, i) => stride * dilation[i]!), 1]),
          depth: gridOffsets(
            spatial(output),
            along.map((stride, i) => stride * strides[i]!),
          ),
          depthB: gridOffsets(spatial(output), b.strides.slice(1, -1)),
          ...everything([...taps, channels]),
        },
      ],
      rowAxes: [...taps.map((_, i) => i), taps.length],
      columnAxisB: taps.length + 1,
    };
  },
  input(kernel, together) {
    const { input, strides, padding, dilation, b } = kernel;
    const rank = strides.length;
    const taps = kernel.kernel.slice(0, rank);
    const filters = kernel.kernel[rank + 1]! / kernel.groups;
    const size = (axis: number): number => input[axis + 1]!;
    const first = strides.map((stride, i) => Math.floor((padding[i]![0] - (taps[i]! - 1) * dilation[i]!) / stride));
    const last = strides.map((stride, i) => Math.floor((size(i) - 1 + padding[i]![0]) / stride));
    const room: Room = {
      sizes: first.map((from, i) => last[i]! - from + 1),
      shifts: first.map((from) => -from),
      channels: filters * together,
    };
    const roomStrides = stridesOf([...room.sizes, room.channels]);
    // Along one axis: where a phase starts, how many inputs it has, and which taps reach them from which output.
    const axes = strides.map((stride, i) =>
      Array.from({ length: Math.min(stride, size(i)) }, (_, start) => {
        const reached = Array.from({ length: taps[i]! }, (_tap, tap) => {
          const distance = start + padding[i]![0] - tap * dilation[i]!;
          return { tap, from: distance / stride - first[i]! };
        }).filter(({ from }) => Number.isInteger(from));
        return { start, count: Math.ceil((size(i) - start) / stride), reached };
      }),
    );
    return {
      room,
      phases: combinations(axes).map((phase) => {
        const reached = combinations(phase.map((axis) => axis.reached));
        const offsets = (of: (tap: (typeof reached)[number]) => number, stride: number): Int32Array =>
          Int32Array.from(reached.flatMap((tap) => Array.from({ length: filters }, (_, f) => of(tap) + f * stride)));
        const sizes = phase.map(({ count }) => count);
        return {
          rows: gridOffsets(sizes, roomStrides.slice(0, -1)),
          depth: offsets((all) => all.reduce((sum, { from }, i) => sum + from * roomStrides[i]!, 0), 1),
          depthB: offsets((all) => all.reduce((sum, { tap }, i) => sum + tap * b.strides[i]!, 0), b.strides[rank + 1]!),
          sizes,
          starts: phase.map(({ start }) => start),
          steps: strides,
        };
      }),
      rowAxes: taps.map((_, i) => i + 1),
      columnAxisB: rank,
    };
  },
};

/** The plan of a kernel, with so many groups together in one room. Rows and depth are those of one group. */
export function planConvolution(kernel: ConvKernel, together: number): Plan {
  return planners[kernel.map](kernel, together);
}

const everything = (sizes: readonly number[]): Pick<Phase, 'sizes' | 'starts' | 'steps'> => ({
  sizes,
  starts: sizes.map(() => 0),
  steps: sizes.map(() => 1),
});

/** The room of an input, as large as all taps of all outputs reach. */
function inputRoom(
  { kernel, output, strides, padding, dilation }: ConvKernel,
  together: number,
): {
  room: Room;
  roomStrides: number[];
  taps: readonly number[];
  channels: number;
  spatial: (shape: readonly number[]) => readonly number[];
} {
  const taps = kernel.slice(0, -2);
  const channels = kernel[taps.length]!;
  const sizes = taps.map((n, i) => (output[i + 1]! - 1) * strides[i]! + (n - 1) * dilation[i]! + 1);
  const room = { sizes, shifts: padding.map(([low]) => low), channels: channels * together };
  return {
    room,
    roomStrides: stridesOf([...sizes, room.channels]),
    taps,
    channels,
    spatial: (shape) => shape.slice(1, -1),
  };
}
