/** Products: kernels of dots and convolutions, with as many loops over their result as the backend takes. */
import { DeviceError, describe } from '../errors.js';
import { memoryOf, offer, typeOf, type Block } from './block.js';
import { openBody, viewIn, type Parts } from './body.js';
import { everyElement, termKey } from './expand.js';
import type { Cluster } from './fuse.js';
import { addStep, emitLoop, scopesIn, scopesOf } from './loop.js';
import type { Kernel } from './program.js';
import type { LoopStep, ProductStep, ResultBody } from './steps.js';

/** Offers the product with as many of its loops as the backend takes; the others follow as a loop of their own. */
export function emitProduct(block: Block, cluster: Cluster, product: ProductStep, wanted: Parts['wanted']): Kernel[] {
  const members = cluster.members.map(({ step }) => step);
  const kernelOf = (taken: readonly LoopStep[], needed: Parts['wanted']): ReturnType<ProductStep['kernel']> =>
    product.kernel(scopesOf([product.scope, ...scopesIn(block, taken)]), (folded) =>
      resultBody(block, product.target, { space: cluster.space, members: taken, wanted: needed }, folded),
    );
  for (let taken = members.length; taken >= 0; taken--) {
    const rest = members.slice(taken);
    // What the other loops read must be stored here.
    const left = new Set(rest.flatMap(({ terms }) => terms.map(({ value }) => value)));
    const kernel = kernelOf(members.slice(0, taken), { has: (value) => wanted.has(value) || left.has(value) });
    if (!offer(block.context, kernel)) continue;
    if (rest.length === 0) return [kernel];
    const loop = { ...cluster, head: null, members: rest.map((step) => ({ step, level: 'body' as const })) };
    return [kernel, ...emitLoop(block, loop, wanted)];
  }
  throw new DeviceError(describe('lower', 'a device that takes its products whatever their strides', 'a refusal'));
}

interface Loops {
  readonly space: readonly number[];
  readonly members: readonly LoopStep[];
  /** The values that somebody reads from memory. */
  readonly wanted: Parts['wanted'];
}

/** What happens to a product's elements: over all axes of its result, then `folded` more with stride 0. */
function resultBody(block: Block, target: number, { space, members, wanted }: Loops, folded: number): ResultBody {
  const result = typeOf(block, target);
  const rank = result.shape.length;
  const long = result.shape.flatMap((size, axis) => (size === 1 ? [] : [axis]));
  // Strides over the result's long axes, spread over all of them and the folded ones.
  const arrange = (strides: readonly number[]): number[] => {
    const all = new Array<number>(rank + folded).fill(0);
    long.forEach((axis, i) => (all[axis] = strides[i]!));
    return all;
  };
  const body = openBody({ inputs: [], stores: [], wanted }, { base: 1, space, arrange });
  const place = everyElement(result.shape);
  body.known.set(termKey(target, place), 0);
  const { inputs, stores, instructions: epilogue } = body;
  if (wanted.has(target)) stores.push({ view: viewIn(body, memoryOf(block, target), result, place), value: 0 });
  for (const step of members) addStep(block, body, step);
  return { inputs, stores, epilogue };
}
