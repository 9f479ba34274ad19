/**
 * The layer of the public functions: one case for each. A public function that makes tensors and has no record does not compile;
 * the records of a new module go into a file of their own in `ops/`, as those of the others do.
 */
import type * as core from '@antler/core';
import { activationRecords } from './ops/activations.js';
import { bitsRecords } from './ops/bits.js';
import { arrangeRecords } from './ops/arrange.js';
import { convRecords, poolingRecords } from './ops/conv.js';
import { creationRecords } from './ops/creation.js';
import { imageRecords } from './ops/image.js';
import { einsumRecords } from './ops/einsum.js';
import { elementaryRecords } from './ops/elementary.js';
import { indexingRecords } from './ops/indexing.js';
import { linalgRecords } from './ops/linalg.js';
import { integersRecords, matricesRecords } from './ops/matrices.js';
import { mathRecords } from './ops/math.js';
import { methodRecords } from './ops/methods.js';
import { attentionRecords, lossRecords, normalizationRecords } from './ops/networks.js';
import { nnRecords } from './ops/nn.js';
import { rearrangeRecords, segmentsRecords, subscriptsRecords } from './ops/places.js';
import { lengthCases, orderingRecords } from './ops/ordering.js';
import { otherRecords } from './ops/others.js';
import { casesOf, type MakerOf, type OpRecord } from './ops/record.js';
import { recurrentRecords } from './ops/recurrent.js';
import { reductionRecords } from './ops/reduction.js';
import { statisticsRecords } from './ops/statistics.js';
import { shapeRecords } from './ops/shape.js';
import type { CoreCase } from './session.js';

/** Every public function that makes tensors, by its name. */
export const records: { readonly [N in MakerOf<typeof core>]: OpRecord } = {
  ...creationRecords,
  ...mathRecords,
  ...elementaryRecords,
  ...activationRecords,
  ...reductionRecords,
  ...orderingRecords,
  ...shapeRecords,
  ...arrangeRecords,
  ...indexingRecords,
  ...linalgRecords,
  ...matricesRecords,
  ...integersRecords,
  ...bitsRecords,
  ...statisticsRecords,
  ...rearrangeRecords,
  ...segmentsRecords,
  ...subscriptsRecords,
  ...imageRecords,
  ...einsumRecords,
  ...nnRecords,
  ...normalizationRecords,
  ...attentionRecords,
  ...recurrentRecords,
  ...lossRecords,
  ...convRecords,
  ...poolingRecords,
  ...otherRecords,
};

/** Cases of the layer. */
export const opCases: readonly CoreCase[] = [
  ...casesOf(records),
  ...casesOf(methodRecords, [], (name) => `the method ${name}`),
  ...lengthCases,
];
