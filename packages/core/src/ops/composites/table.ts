/** The table of composites, in alphabetical order: gradients are found in it by the name in the graph. */
import { argReduce } from './arguments.js';
import { attention, attentionGradient } from './attention.js';
import type { Composite } from './composite.js';
import { arcsinh, gelu, relu } from './elementwise.js';
import { checkpoint, customGradient } from './gradients.js';
import {
  batchNorm,
  batchNormGradient,
  layerNorm,
  layerNormGradient,
  rmsNorm,
  rmsNormGradient,
} from './normalization.js';
import { averagePool, averagePoolGradient, maxPool, maxPoolGradient, unwindow } from './pooling.js';
import { gru, gruGradient, lstm, lstmGradient } from './recurrent.js';
import {
  logSoftmax,
  logSoftmaxGradient,
  softmax,
  softmaxCrossEntropy,
  softmaxCrossEntropyGradient,
  softmaxGradient,
  sparseSoftmaxCrossEntropy,
  sparseSoftmaxCrossEntropyGradient,
} from './softmax.js';

/** Every composite by its name. */
export const composites = {
  arcsinh,
  argReduce,
  attention,
  attentionGradient,
  averagePool,
  averagePoolGradient,
  batchNorm,
  batchNormGradient,
  checkpoint,
  customGradient,
  gelu,
  gru,
  gruGradient,
  layerNorm,
  layerNormGradient,
  logSoftmax,
  logSoftmaxGradient,
  lstm,
  lstmGradient,
  maxPool,
  maxPoolGradient,
  relu,
  rmsNorm,
  rmsNormGradient,
  softmax,
  softmaxCrossEntropy,
  softmaxCrossEntropyGradient,
  softmaxGradient,
  sparseSoftmaxCrossEntropy,
  sparseSoftmaxCrossEntropyGradient,
  unwindow,
} as Readonly<Record<string, Composite>>;
