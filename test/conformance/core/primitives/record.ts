/** How a case records one primitive: past the public functions, because not every one reaches every parameter. */
import { Tensor, primitives, type Primitive, type PrimitiveParams } from '@antler/core';
import { bind } from '../../../../packages/core/src/bind.js';

/** The results of a primitive on operands that fit exactly. */
export function record<P extends Primitive>(
  primitive: P,
  inputs: readonly Tensor[],
  params: PrimitiveParams[P],
): Tensor[] {
  const values = inputs.map(({ handle }) => handle);
  return bind(primitive, primitives[primitive], values, params).map((value) => new Tensor(value));
}
