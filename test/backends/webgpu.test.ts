/** The WebGPU probe under the conformance suite: all of it but the kinds of kernel that the probe does not have. */
import { describeBackend } from '../conformance/describe.js';
import { withProbe } from '../probe/available.js';

/** WGSL promises of exp(x) only 3 + 2|x| units in the last place, and |x| is at most 89 here. */
const exponential = 181;

/** Cases of core by layer that need kernels which the probe does not have: each in every mode. */
const needOtherKernels = {
  primitives: ['cumulate', 'dynamicSlice', 'dynamicUpdateSlice', 'gather', 'scan', 'scatter', 'sort'],
  gradients: [
    'booleanMask',
    ...['cummax', 'cummin', 'cumprod', 'cumsum'].flatMap((fold) =>
      ['', ', exclusive', ', reversed', ', reversed and exclusive'].map((way) => `${fold}${way}`),
    ),
    'dynamicSlice',
    'dynamicUpdateSlice',
    'median',
    'of a loop after a gradient',
    'quantile',
    'random.shuffle',
    'repeat, by counts',
    'scan',
    'scan, reversed',
    'scatterUpdate, add',
    'scatterUpdate, max',
    'scatterUpdate, min',
    'scatterUpdate, set',
    'sort',
    'sort, descending',
    'sparseSoftmaxCrossEntropy',
    'sparsemax',
    'take',
    'takeAlongAxis',
    'topK',
    'unique',
    'where running folds have a choice',
  ],
  ops: [
    'affineTransform',
    'argsort',
    'booleanMask',
    'cummax',
    'cummin',
    'cumprod',
    'cumsum',
    'dynamicSlice',
    'dynamicUpdateSlice',
    'gather',
    'gcd',
    'lcm',
    'lengths that depend on the data are awaited, and need a size inside of jit',
    'mapCoordinates',
    'median',
    'nonzero',
    'perspectiveTransform',
    'quantile',
    'repeat',
    'resize',
    'scan',
    'scatter',
    'scatterUpdate',
    'segmentMax',
    'segmentSum',
    'sort',
    'sparseSoftmaxCrossEntropy',
    'sparsemax',
    'take',
    'takeAlongAxis',
    'topK',
    'unique',
  ],
  random: ['permutation', 'shuffle'],
  semantics: [
    'a step with a bad index changes no variable',
    'indices count from either end, and one outside is an error at the read',
    'of several updates of one place the last wins',
    'softmax and its kin are right at 10000 and at -Infinity',
  ],
  'training curves': ['a small network with Adam', 'a small network with momentum'],
};
const inEveryMode = (layer: string, names: readonly string[]): string[] => names.map((name) => `${layer} > ${name} (*`);

await withProbe((probe) => {
  describeBackend('webgpu probe', () => probe, {
    skip: [
      {
        reason: 'the probe has loops and products alone',
        tests: [
          ...['gather > *', 'scatter > *', 'windows > *', 'ordering > *', 'repeat > *'],
          ...Object.entries(needOtherKernels).flatMap(([layer, names]) => inEveryMode(layer, names)),
        ],
      },
      {
        reason: 'WGSL lets a device make zero of subnormal numbers',
        tests: [
          'ops > subnormal numbers (*',
          ...['div', 'pow', 'atan2'].flatMap((op) => [
            `opcodes > ${op}: float32, subnormal numbers`,
            `primitives > ${op}, subnormal numbers (*`,
          ]),
        ],
      },
      {
        reason: 'WGSL has no float64, so sums are added up in float32',
        tests: ['semantics > sums and products of float32 are added up in float64 (*'],
      },
    ],
    tolerance: {
      exp: exponential,
      expm1: exponential,
      logistic: exponential,
      pow: 300,
      tanh: 3,
      erf: 3,
      atan2: 2,
      // Added up in float32, one term after the other.
      prod: 8,
      dot: 4,
    },
  });
});
