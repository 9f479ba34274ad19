/** The sort kernel: a stable merge sort of each row's positions by their keys; then every array moves by the positions. */
import type { SortKernel } from '@antler/core';
import { loadOf } from './access.js';
import { Walk } from './axes.js';
import { tileSize, type Context, type Run } from './context.js';

/** Prepares a sort. */
export function prepareSort({ descending, shape, inputs, outputs }: SortKernel, context: Context): Run {
  const length = shape.at(-1)!;
  const { dtype } = inputs[0]!;
  const load = loadOf(dtype);
  const register = context.registers().take(dtype);
  const [from, to] = [inputs, outputs].map((views) => views.map((view) => context.cursor(view, shape)));
  const cursors = [...from!, ...to!];
  const walk = new Walk({ sizes: shape.slice(0, -1), strides: cursors.map(({ strides }) => strides) });
  const steps = cursors.map(({ strides }) => strides.at(-1)!);
  const keys = new Float64Array(length);
  const order = new Order(length);
  return (frame) => {
    for (const cursor of cursors) cursor.enter(frame);
    walk.each((rows) => {
      for (let at = 0; at < length; at += tileSize) {
        const count = Math.min(tileSize, length - at);
        load(register, count, from![0]!.memory, from![0]!.origin + rows[0]! + at * steps[0]!, steps[0]!, null);
        for (let i = 0; i < count; i++) keys[at + i] = register[i]!;
      }
      const positions = order.of(keys, descending);
      from!.forEach((source, k) => {
        const target = to![k]!;
        const [read, write] = [k, k + from!.length].map((c) => cursors[c]!.origin + rows[c]!) as [number, number];
        for (let i = 0; i < length; i++) {
          target.memory[write + i * steps[k + from!.length]!] = source.memory[read + positions[i]! * steps[k]!]!;
        }
      });
    });
    for (const cursor of cursors) cursor.leave();
  };
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
