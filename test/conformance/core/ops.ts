/** The layer of the public functions: one case for each. */
import { convRecords, poolingRecords } from './ops/conv.js';
import { creationRecords } from './ops/creation.js';
import { imageRecords } from './ops/image.js';
import { indexingRecords } from './ops/indexing.js';
import { linalgRecords } from './ops/linalg.js';
import { integersRecords, matricesRecords } from './ops/matrices.js';
import { mathRecords } from './ops/math.js';
import { nnRecords } from './ops/nn.js';
import { rearrangeRecords, segmentsRecords, subscriptsRecords } from './ops/places.js';
import { casesOf } from './ops/record.js';
import { reductionRecords } from './ops/reduction.js';
import { shapeRecords } from './ops/shape.js';
import type { CoreCase } from './session.js';

/** Cases of the layer. */
export const opCases: readonly CoreCase[] = casesOf({
  ...creationRecords,
  ...mathRecords,
  ...reductionRecords,
  ...shapeRecords,
  ...indexingRecords,
  ...linalgRecords,
  ...matricesRecords,
  ...integersRecords,
  ...rearrangeRecords,
  ...segmentsRecords,
  ...subscriptsRecords,
  ...imageRecords,
  ...nnRecords,
  ...convRecords,
  ...poolingRecords,
});
