/** Layers of several inputs: what joins the branches of a model. */
import {
  ShapeError,
  add,
  any,
  broadcastTo,
  concatenate,
  describe,
  divide,
  expandDims,
  full,
  logicalOr,
  maximum,
  minimum,
  multiply,
  reshape,
  subtract,
} from '@antler/core';
import type { Tensor } from '@antler/core';
import { Layer, type LayerConfig, type LayerOptions, type Mask } from '../layer.js';
import { type PartialShape, showPartialShape } from '../partialShape.js';
import { asList } from '../symbolic.js';

type Several = readonly Tensor[];

/** Base of the element-wise ones. Inputs of lower rank get axes of size 1 after the batch. */
abstract class Merge extends Layer<Several> {
  protected abstract merge(xs: Several): Tensor;

  override build(inputShape: readonly PartialShape[]): void {
    if (inputShape.length >= 2) return;
    throw new ShapeError(describe(this.name, 'a list of at least two inputs', String(inputShape.length)));
  }

  call(xs: Several): Tensor {
    const rank = Math.max(...xs.map((x) => x.rank));
    const aligned = xs.map((x) => {
      const [batch = 1, ...rest] = x.shape;
      return x.rank === rank ? x : reshape(x, [batch, ...Array<number>(rank - x.rank).fill(1), ...rest]);
    });
    return this.merge(aligned);
  }

  /** What any of the inputs shows; nothing is hidden once one of them has no mask. */
  override computeMask(_xs: Several, mask: Mask | undefined): Tensor | undefined {
    const masks = asList<Tensor | undefined>(mask);
    return masks.reduce((a, b) => (a === undefined || b === undefined ? undefined : logicalOr(a, b)));
  }
}

/** The sum of its inputs. */
export class Add extends Merge {
  static readonly className: string = 'Add';

  protected merge(xs: Several): Tensor {
    return xs.reduce((a, b) => add(a, b));
  }
}

/** The first input minus the second. */
export class Subtract extends Merge {
  static readonly className: string = 'Subtract';

  override build(inputShape: readonly PartialShape[]): void {
    if (inputShape.length === 2) return;
    throw new ShapeError(describe(this.name, 'a list of two inputs', String(inputShape.length)));
  }

  protected merge([a, b]: Several): Tensor {
    return subtract(a!, b!);
  }
}

/** The product of its inputs, element by element. */
export class Multiply extends Merge {
  static readonly className: string = 'Multiply';

  protected merge(xs: Several): Tensor {
    return xs.reduce((a, b) => multiply(a, b));
  }
}

/** The mean of its inputs. */
export class Average extends Merge {
  static readonly className: string = 'Average';

  protected merge(xs: Several): Tensor {
    return divide(
      xs.reduce((a, b) => add(a, b)),
      xs.length,
    );
  }
}

/** The largest of its inputs, element by element. */
export class Maximum extends Merge {
  static readonly className: string = 'Maximum';

  protected merge(xs: Several): Tensor {
    return xs.reduce((a, b) => maximum(a, b));
  }
}

/** The smallest of its inputs, element by element. */
export class Minimum extends Merge {
  static readonly className: string = 'Minimum';

  protected merge(xs: Several): Tensor {
    return xs.reduce((a, b) => minimum(a, b));
  }
}

/** Options of {@link Concatenate}. */
export interface ConcatenateOptions extends LayerOptions {
  /** Default −1. */
  readonly axis?: number;
}

/** Its inputs one after the other along an axis. */
export class Concatenate extends Layer<Several> {
  static readonly className: string = 'Concatenate';
  readonly axis: number;

  constructor(options: ConcatenateOptions = {}) {
    super(options);
    this.axis = options.axis ?? -1;
  }

  override build(inputShape: readonly PartialShape[]): void {
    const first = inputShape[0] ?? [];
    const at = this.axis < 0 ? this.axis + first.length : this.axis;
    const fits = (shape: PartialShape): boolean =>
      shape.length === first.length && shape.every((size, i) => i === at || size === first[i]);
    if (inputShape.length >= 1 && inputShape.every(fits)) return;
    const received = inputShape.map(showPartialShape).join(', ');
    throw new ShapeError(describe(this.name, `inputs that differ on axis ${this.axis} alone`, received));
  }

  call(xs: Several): Tensor {
    return concatenate(xs, this.axis);
  }

  /** The masks one after the other too; an input without one is seen whole. */
  override computeMask(xs: Several, mask: Mask | undefined): Tensor | undefined {
    const masks = asList<Tensor | undefined>(mask);
    if (masks.every((one) => one === undefined)) return undefined;
    const whole = xs.map((x, i) => {
      const seen = masks[i];
      if (seen === undefined) return full(x.shape, 1, { dtype: 'bool' });
      return seen.rank < x.rank ? broadcastTo(expandDims(seen, -1), x.shape) : seen;
    });
    return any(concatenate(whole, this.axis), -1);
  }

  override getConfig(): LayerConfig {
    return { ...super.getConfig(), axis: this.axis };
  }
}
