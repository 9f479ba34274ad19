/** The sort kernel: a stable merge sort of each row's positions by their keys; then every array moves by the positions. */
import type { SortKernel, TypedArray } from '@antler/core';
import { Walk } from './axes.js';
import type { Context, Run } from './context.js';

/** Prepares a sort. */
export function prepareSort({ descending, shape, inputs, outputs }: SortKernel, context: Context): Run {
  const length = shape.at(-1)!;
  const cursors = [...inputs, ...outputs].map((view) => context.cursor(view));
  const walk = new Walk({ sizes: shape.slice(0, -1), strides: cursors.map(({ strides }) => strides) });
  const steps = cursors.map(({ strides }) => strides.at(-1)!);
  const keys = new Float64Array(length);
  const order = new Order(length);
  return (frame) => {
    for (const cursor of cursors) cursor.enter(frame);
    walk.each((rows) => {
      const starts = cursors.map(({ origin }, i) => origin + rows[i]!);
      const { memory } = cursors[0]!;
      for (let i = 0; i < length; i++) keys[i] = memory[starts[0]! + i * steps[0]!]!;
      const positions = order.of(keys, descending);
      inputs.forEach((_, read) => {
        const write = read + inputs.length;
        move(
          cursors[write]!.memory,
          starts[write]!,
          steps[write]!,
          cursors[read]!.memory,
          starts[read]!,
          steps[read]!,
          positions,
        );
      });
    });
    for (const cursor of cursors) cursor.leave();
  };
}

/** Writes the elements of a row in the order of the positions. */
function move(
  to: TypedArray,
  at: number,
  step: number,
  from: TypedArray,
  start: number,
  stride: number,
  positions: Int32Array,
): void {
  for (let i = 0; i < positions.length; i++) to[at + i * step] = from[start + positions[i]! * stride]!;
}

/** Positions of a row in the order of its keys. */
class Order {
  #positions: Int32Array;
  #spare: Int32Array;

  constructor(length: number) {
    this.#positions = new Int32Array(length);
    this.#spare = new Int32Array(length);
  }

  /** Runs of 1, 2, 4 … sorted entries are merged; of equal keys the one on the left stays on the left. */
  of(keys: Float64Array, descending: boolean): Int32Array {
    const length = keys.length;
    for (let i = 0; i < length; i++) this.#positions[i] = i;
    for (let width = 1; width < length; width *= 2) {
      const [source, target] = [this.#positions, this.#spare];
      for (let start = 0; start < length; start += 2 * width) {
        const middle = Math.min(start + width, length);
        const end = Math.min(start + 2 * width, length);
        let [left, right] = [start, middle];
        for (let i = start; i < end; i++) {
          const takeRight =
            right < end && (left >= middle || precedes(keys[source[right]!]!, keys[source[left]!]!, descending));
          target[i] = source[takeRight ? right++ : left++]!;
        }
      }
      [this.#positions, this.#spare] = [target, source];
    }
    return this.#positions;
  }
}

/** True when a key must stand before another one. NaN is last in either direction. */
function precedes(a: number, b: number, descending: boolean): boolean {
  return (descending ? a > b : a < b) || (Number.isNaN(b) && !Number.isNaN(a));
}
