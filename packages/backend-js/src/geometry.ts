/**
 * A convolution as matrix products. One sample of a's spatial axes is copied into a room with zeros around it, so that where
 * row m meets depth k is the sum of two offsets: `rows[m] + depth[k]`. The input's map falls into phases, one for each place
 * between two outputs, because different taps reach each of them.
 */
import { stridesOf, type ConvKernel } from '@antler/core';
import { offsetAt, offsetsOf } from './axes.js';

/** One matrix product: result[row, column] = Σ_k room[rows[row] + depth[k]] · b[depthB[k] + column]. */
export interface Phase {
  /** Offsets in the room. */
  readonly rows: Int32Array;
  readonly depth: Int32Array;
  /** Offsets in b, of its first column. */
  readonly depthB: Int32Array;
  /** The rows as a grid over the axes of the result (without batch and columns): its sizes, where it starts and how it steps. */
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
  /** The axis of b that columns are. */
  readonly columnAxisB: number;
}

/** The plan of a kernel, with so many groups together in one room. Rows and depth are those of one group. */
export function planConvolution(kernel: ConvKernel, together: number): Plan {
  return kernel.map === 'input' ? planInput(kernel, together) : planDirect(kernel, together);
}

/**
 * The output and the kernel: the room is an input, as large as all taps of all outputs reach. For the output the windows are
 * rows and what they reach is their depth, for the kernel the other way round.
 */
function planDirect({ map, kernel, output, strides, padding, dilation, b }: ConvKernel, together: number): Plan {
  const taps = kernel.slice(0, -2);
  const channels = kernel[taps.length]!;
  const windows = output.slice(1, -1);
  const room: Room = {
    sizes: taps.map((n, i) => (windows[i]! - 1) * strides[i]! + (n - 1) * dilation[i]! + 1),
    shifts: padding.map(([low]) => low),
    channels: channels * together,
  };
  const along = stridesOf([...room.sizes, room.channels]).slice(0, -1);
  const starts = offsetsOf(
    windows,
    along.map((stride, i) => stride * strides[i]!),
  );
  const reachSizes = [...taps, channels];
  const reach = offsetsOf(reachSizes, [...along.map((stride, i) => stride * dilation[i]!), 1]);
  const [rows, depth, sizes, sizesB, stridesB] =
    map === 'output'
      ? [starts, reach, windows, reachSizes, b.strides.slice(0, -1)]
      : [reach, starts, reachSizes, windows, b.strides.slice(1, -1)];
  const depthB = offsetsOf(sizesB, stridesB);
  const phase = { rows, depth, depthB, sizes, starts: sizes.map(() => 0), steps: sizes.map(() => 1) };
  return { room, phases: [phase], columnAxisB: taps.length + 1 };
}

function planInput(kernel: ConvKernel, together: number): Plan {
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
  const phases = combinations(axes).map((phase): Phase => {
    const reached = combinations(phase.map((axis) => axis.reached));
    const offsets = (of: 'from' | 'tap', strides: readonly number[], stride: number): Int32Array =>
      Int32Array.from(
        reached.flatMap((taps) => {
          const start = offsetAt(
            strides.slice(0, rank),
            taps.map((tap) => tap[of]),
          );
          return Array.from({ length: filters }, (_, f) => start + f * stride);
        }),
      );
    const sizes = phase.map(({ count }) => count);
    return {
      rows: offsetsOf(sizes, roomStrides.slice(0, -1)),
      depth: offsets('from', roomStrides, 1),
      depthB: offsets('tap', b.strides, b.strides[rank + 1]!),
      sizes,
      starts: phase.map(({ start }) => start),
      steps: strides,
    };
  });
  return { room, phases, columnAxisB: rank };
}

/** All combinations of one entry of each list. */
function combinations<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>((all, list) => all.flatMap((head) => list.map((entry) => [...head, entry])), [[]]);
}
