/**
 * Masks on their way through a model: which entries of a tensor count. Each is noted beside the tensor that a layer gave, where
 * the next layer finds it.
 */
import type { Tensor } from '@antler/core';
import type { Mask } from './layer.js';
import type { Tensors } from './symbolic.js';
import { asList } from './symbolic.js';

const masks = new WeakMap<Tensor, Tensor>();

/** The masks of inputs; undefined when none has one. */
export function masksOf(x: Tensors): Mask | undefined {
  if (!isSeveral(x)) return masks.get(x);
  const list = x.map((one) => masks.get(one));
  return list.every((mask) => mask === undefined) ? undefined : list;
}

/** Notes the mask of the first output. */
export function noteMask(y: Tensors, mask: Tensor | undefined): void {
  if (mask !== undefined) masks.set(asList<Tensor>(y)[0]!, mask);
}

/** The mask of the first input. */
export function firstMask(mask: Mask | undefined): Tensor | undefined {
  return asList<Tensor | undefined>(mask)[0];
}

const isSeveral = (x: Tensors): x is readonly Tensor[] => Array.isArray(x);
