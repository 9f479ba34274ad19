/** Pooling; the formulas are in `windows.ts`. */
import { unwindow } from '../primitives/window.js';
import { composite, type Composite } from './composite.js';
import {
  averagePoolCotangent,
  averagePooled,
  maxPoolCotangents,
  maxPooled,
  paddedShape,
  poolWindows,
  unpadded,
  type PoolParams,
} from './windows.js';

/** The cotangent of x for y = maxPool(x): the first maximum of each window gets all of g. Inputs x, y and g. */
export const maxPoolGradient: Composite<PoolParams> = {
  name: 'maxPoolGradient',
  inline: false,
  decompose: ([x, y, g], params) => {
    const windows = maxPoolCotangents(x!, y!, g!, params);
    const [sums] = composite(unwindow, [windows], { ...poolWindows(params), shape: paddedShape(x!, params) });
    return [unpadded(sums!, params)];
  },
};

/** The largest of each window. */
export const maxPool: Composite<PoolParams> = {
  name: 'maxPool',
  inline: false,
  decompose: ([x], params) => [maxPooled(x!, params)],
  vjp: ({ inputs: [x], outputs: [y], cotangents: [g], params }) => composite(maxPoolGradient, [x!, y!, g!], params),
};

/** The cotangent of what was pooled, whose shape is given: each window spreads its g over its elements. Input g. */
export const averagePoolGradient: Composite<PoolParams & { readonly shape: readonly number[] }> = {
  name: 'averagePoolGradient',
  inline: false,
  decompose: ([g], { shape, ...params }) => [averagePoolCotangent(g!, shape, params)],
};

/** The mean of each window, over what is not padding. */
export const averagePool: Composite<PoolParams> = {
  name: 'averagePool',
  inline: false,
  decompose: ([x], params) => [averagePooled(x!, params)],
  vjp: ({ inputs: [x], cotangents: [g], params }) =>
    composite(averagePoolGradient, [g!], { ...params, shape: x!.type.shape }),
};
