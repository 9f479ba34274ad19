/** The layer of the public functions: one case for each. */
import { convRecords, poolingRecords } from './ops/conv.js';
import { creationRecords } from './ops/creation.js';
import { indexingRecords } from './ops/indexing.js';
import { linalgRecords } from './ops/linalg.js';
import { mathRecords } from './ops/math.js';
import { attentionRecords, lossRecords, normalizationRecords } from './ops/networks.js';
import { nnRecords } from './ops/nn.js';
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
  ...nnRecords,
  ...normalizationRecords,
  ...attentionRecords,
  ...lossRecords,
  ...convRecords,
  ...poolingRecords,
});
