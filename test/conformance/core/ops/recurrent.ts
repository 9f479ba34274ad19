/** Recurrences beside a loop over steps, rows and units, and what is refused. */
import * as core from '@antler/core';
import { DTypeError, ShapeError, ones, zeros } from '@antler/core';
import type * as recurrent from '../../../../packages/core/src/ops/recurrent.js';
import type { Tolerance } from '../../tolerance.js';
import { of, type Values } from '../values.js';
import { call, refusal, type Records } from './record.js';

type Matrix = readonly (readonly number[])[];

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
const within = { within: ({ exp, tanh, logistic: bend, sum }: Tolerance): number => 4 * (exp + tanh + bend + sum) + 8 };
const nothing = (...shape: readonly number[]): Values => ({ dtype: 'float32', shape, numbers: [] });

/** Sum of a row with a column of a matrix. */
const product = (row: readonly number[], matrix: Matrix, column: number): number =>
  row.reduce((sum, x, i) => sum + x * matrix[i]![column]!, 0);

/** States after each step of one row, and its last cell. */
function lstmOf(
  steps: Matrix,
  kernel: Matrix,
  h: readonly number[],
  c: readonly number[],
): readonly [Matrix, number[]] {
  const units = h.length;
  let [state, cell] = [[...h], [...c]];
  const states = steps.map((z) => {
    const gate = (at: number, unit: number): number =>
      z[at * units + unit]! + product(state, kernel, at * units + unit);
    cell = cell.map((old, u) => logistic(gate(1, u)) * old + logistic(gate(0, u)) * Math.tanh(gate(2, u)));
    state = cell.map((x, u) => logistic(gate(3, u)) * Math.tanh(x));
    return state;
  });
  return [states, cell];
}

function gruOf(steps: Matrix, kernel: Matrix, bias: readonly number[], h: readonly number[]): Matrix {
  const units = h.length;
  let state = [...h];
  return steps.map((x) => {
    const inner = (column: number): number => product(state, kernel, column) + bias[column]!;
    state = state.map((old, u) => {
      const update = logistic(x[u]! + inner(u));
      const reset = logistic(x[units + u]! + inner(units + u));
      return update * old + (1 - update) * Math.tanh(x[2 * units + u]! + reset * inner(2 * units + u));
    });
    return state;
  });
}

const small = [[0.5, -1, 2, 0.25], [1, 0, -0.5, 3]]; // prettier-ignore
const wide = [[0.5, -1, 2, 0.25, 1, 0, -0.5, 3], [1, 1, 0, -2, 0.5, 0.5, 1, -1]]; // prettier-ignore
const kernel = [[0.5, -0.5, 1, 0.25, 0, 1, -1, 0.5], [1, 0.5, -0.25, 0, 0.5, 1, 0, 2]]; // prettier-ignore
const [oneStates, oneCell] = lstmOf(small, [[1, -1, 0.5, 2]], [0.5], [-1]);
const [states, cell] = lstmOf(wide, kernel, [0, 1], [0.5, -0.5]);
const inputs = wide.map((row) => row.slice(0, 6));
const narrow = kernel.map((row) => row.slice(0, 6));
const bias = [0.1, -0.2, 0.3, 0.5, 0, 1];
const gruStates = gruOf(inputs, narrow, bias, [0.5, -1]);

export const recurrentRecords: Records<typeof recurrent> = {
  lstm: {
    samples: [
      call((z, u, h, c) => core.lstm(z, u, h, c), [of([small]), of([[1, -1, 0.5, 2]]), of([[0.5]]), of([[-1]])], [of([oneStates]), of([oneStates.at(-1)!]), of([oneCell])], within),
      call((z, u, h, c) => core.lstm(z, u, h, c), [of([wide]), of(kernel), of([[0, 1]]), of([[0.5, -0.5]])], [of([states]), of([states.at(-1)!]), of([cell])], within),
      call((z, u, h, c) => core.lstm(z, u, h, c), [nothing(0, 2, 4), of([[1, -1, 0.5, 2]]), nothing(0, 1), nothing(0, 1)], [nothing(0, 2, 1), nothing(0, 1), nothing(0, 1)]),
    ],
    refuses: [
      refusal(() => core.lstm(ones([1, 2, 6]), ones([1, 4]), zeros([1, 1]), zeros([1, 1])), ShapeError, 'products [batch, steps, 4 units] of at least one step', '[1, 2, 6]'),
      refusal(() => core.lstm(ones([1, 0, 4]), ones([1, 4]), zeros([1, 1]), zeros([1, 1])), ShapeError, 'at least one step', '[1, 0, 4]'),
      refusal(() => core.lstm(ones([1, 2, 4], { dtype: 'int32' }), ones([1, 4]), zeros([1, 1]), zeros([1, 1])), DTypeError, 'float products', 'int32'),
    ],
  },
  gru: {
    samples: [
      call((x, u, b, h) => core.gru(x, u, b, h), [of([inputs]), of(narrow), of(bias), of([[0.5, -1]])], [of([gruStates]), of([gruStates.at(-1)!])], within),
      call((x, u, b, h) => core.gru(x, u, b, h), [nothing(0, 2, 3), of([[1, -1, 0.5]]), of([0, 0, 0]), nothing(0, 1)], [nothing(0, 2, 1), nothing(0, 1)]),
    ],
    refuses: [
      refusal(() => core.gru(ones([1, 2, 4]), ones([1, 3]), ones([3]), zeros([1, 1])), ShapeError, 'products [batch, steps, 3 units] of at least one step', '[1, 2, 4]'),
    ],
  },
}; // prettier-ignore
