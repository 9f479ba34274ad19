/** The WebGPU probe under the conformance suite: all of it but the kinds of kernel that the probe does not have. */
import { describeBackend } from '../conformance/describe.js';
import { withProbe } from '../probe/available.js';

/** WGSL promises of exp(x) only 3 + 2|x| units in the last place, and |x| is at most 89 here. */
const exponential = 181;

await withProbe((probe) => {
  describeBackend('webgpu probe', () => probe, {
    lacks: {
      reason: 'the probe has loops and products alone',
      kinds: ['gather', 'scatter', 'cumulate', 'sort', 'repeat'],
    },
    skip: [
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
