/** Regularizers: what a weight adds to the loss, so that training keeps it small. */
import {
  ShapeError,
  ValueError,
  abs,
  add,
  describe,
  eye,
  matmul,
  multiply,
  normalize,
  square,
  showShape,
} from '@antler/core';
import { subtract, sum, transpose, type Tensor } from '@antler/core';
import { resolveName } from './registry.js';

/** A penalty on a weight. `className` and `config` are what a saved model says of it. */
export interface Regularizer {
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** A scalar, added to the loss of a step. */
  penalty(weight: Tensor): Tensor;
}

/** Names that `standardNames` gives. */
export type RegularizerName = 'l1' | 'l2' | 'l1l2' | 'orthogonal';

/** Factor · Σ |w|: drives weights to zero. */
export function l1({ l1: factor = 0.01 }: { readonly l1?: number } = {}): Regularizer {
  checkFactor('l1', factor);
  return { className: 'L1', config: { l1: factor }, penalty: (weight) => multiply(sum(abs(weight)), factor) };
}

/** Factor · Σ w²: keeps weights small. */
export function l2({ l2: factor = 0.01 }: { readonly l2?: number } = {}): Regularizer {
  checkFactor('l2', factor);
  return { className: 'L2', config: { l2: factor }, penalty: (weight) => multiply(sum(square(weight)), factor) };
}

/** Both at once. */
export function l1l2(options: { readonly l1?: number; readonly l2?: number } = {}): Regularizer {
  const { l1: first = 0, l2: second = 0 } = options;
  const [a, b] = [l1({ l1: first }), l2({ l2: second })];
  return {
    className: 'L1L2',
    config: { l1: first, l2: second },
    penalty: (weight) => add(a.penalty(weight), b.penalty(weight)),
  };
}

const modes: readonly string[] = ['rows', 'columns'];

/** Factor · the mean |cosine| between different rows (or columns) of a matrix: keeps them orthogonal. */
export function orthogonal(
  options: { readonly factor?: number; readonly mode?: 'rows' | 'columns' } = {},
): Regularizer {
  const { factor = 0.01, mode = 'rows' } = options;
  checkFactor('orthogonal', factor);
  if (!modes.includes(mode)) {
    throw new ValueError(describe('orthogonal: mode', 'rows or columns', JSON.stringify(mode)));
  }
  return {
    className: 'OrthogonalRegularizer',
    config: { factor, mode },
    penalty: (weight) => {
      if (weight.rank !== 2) {
        throw new ShapeError(describe('orthogonal', 'a weight of rank 2', showShape(weight.shape)));
      }
      const rows = normalize(mode === 'rows' ? weight : transpose(weight), { epsilon: 1e-7 });
      const size = rows.shape[0]!;
      const others = multiply(matmul(rows, transpose(rows)), subtract(1, eye(size)));
      return multiply(sum(abs(others)), factor / (size * (size - 1)));
    },
  };
}

function checkFactor(where: string, factor: number): void {
  if (factor >= 0 && Number.isFinite(factor)) return;
  throw new ValueError(describe(where, 'a finite factor >= 0', String(factor)));
}

/** The regularizer that an argument means. */
export function resolveRegularizer(where: string, regularizer: Regularizer | string): Regularizer {
  return typeof regularizer === 'string' ? resolveName(where, 'regularizer', regularizer)() : regularizer;
}

/** How a saved configuration writes a regularizer; null when there is none. */
export function regularizerConfig(regularizer: Regularizer | undefined): Readonly<Record<string, unknown>> | null {
  if (regularizer === undefined) return null;
  const { className, config } = regularizer;
  return { module: 'keras.regularizers', class_name: className, config, registered_name: null };
}
