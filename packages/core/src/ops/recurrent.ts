/** Recurrences over whole sequences: LSTM and GRU, with the activations that fast kernels know. */
import { toValue, type Operand } from '../operand.js';
import * as lax from '../lax.js';
import { composite } from './composites/composite.js';
import * as recurrences from './composites/recurrent.js';
import { isFloat } from '../dtype.js';
import { DTypeError, ShapeError, describe } from '../errors.js';
import type { Value } from '../node.js';
import { sameShape, showShape, type Shape } from '../shape.js';
import { Tensor } from '../tensor.js';

/** Operands in the dtype of the products, and what their shapes are measured by. */
function operands(where: string, gates: number, products: Operand, others: readonly Operand[]) {
  const x = toValue(where, products);
  const { shape, dtype } = x.type;
  if (!isFloat(dtype)) throw new DTypeError(describe(where, 'float products', dtype));
  const [batch, steps, width] = shape as readonly [number, number, number];
  if (shape.length !== 3 || width % gates !== 0 || steps === 0) {
    const expected = `products [batch, steps, ${gates} units] of at least one step`;
    throw new ShapeError(describe(where, expected, showShape(shape)));
  }
  const values = [x, ...others.map((given) => lax.cast(toValue(where, given, dtype), dtype, where))];
  return { values, batch, width, units: width / gates };
}

function checkShapes(
  where: string,
  names: readonly string[],
  values: readonly Value[],
  shapes: readonly Shape[],
): void {
  names.forEach((name, i) => {
    const { shape } = values[i + 1]!.type;
    if (sameShape(shape, shapes[i]!)) return;
    throw new ShapeError(describe(`${where}: ${name}`, showShape(shapes[i]!), showShape(shape)));
  });
}

/**
 * Runs an LSTM along axis 1 of `products` [batch, steps, 4 units], the inputs times the input's kernel plus the bias, gates in
 * the order input, forget, cell, output (Keras's). Recurrent kernel [units, 4 units]; state and cell [batch, units]. Gives the
 * state after each step [batch, steps, units], the last state, the last cell.
 * @example
 * const [states, state, cell] = lstm(add(matmul(x, kernel), bias), recurrentKernel, zeros([2, 8]), zeros([2, 8]));
 */
export function lstm(
  products: Operand,
  recurrentKernel: Operand,
  state: Operand,
  cell: Operand,
): [states: Tensor, state: Tensor, cell: Tensor] {
  const { values, batch, width, units } = operands('lstm', 4, products, [recurrentKernel, state, cell]);
  const own = [batch, units];
  checkShapes('lstm', ['recurrentKernel', 'state', 'cell'], values, [[units, width], own, own]);
  const [states, last, lastCell] = composite(recurrences.lstm, values, {});
  return [new Tensor(states!), new Tensor(last!), new Tensor(lastCell!)];
}

/**
 * Runs a GRU along axis 1 of `products` [batch, steps, 3 units], the inputs times the input's kernel plus the bias, gates in the
 * order update, reset, state (Keras's, with `reset_after`). Recurrent kernel [units, 3 units] with a bias [3 units]; state
 * [batch, units]. Gives the state after each step [batch, steps, units] and the last one.
 * @example
 * const [states, state] = gru(add(matmul(x, kernel), bias), recurrentKernel, recurrentBias, zeros([2, 8]));
 */
export function gru(
  products: Operand,
  recurrentKernel: Operand,
  recurrentBias: Operand,
  state: Operand,
): [states: Tensor, state: Tensor] {
  const { values, batch, width, units } = operands('gru', 3, products, [recurrentKernel, recurrentBias, state]);
  const shapes = [[units, width], [width], [batch, units]];
  checkShapes('gru', ['recurrentKernel', 'recurrentBias', 'state'], values, shapes);
  const [states, last] = composite(recurrences.gru, values, {});
  return [new Tensor(states!), new Tensor(last!)];
}
