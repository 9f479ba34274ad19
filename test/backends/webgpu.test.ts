/** The WebGPU probe under the conformance suite: all of it but the kinds of kernel that the probe does not have. */
import { describeBackend } from '../conformance/describe.js';
import { withProbe } from '../probe/available.js';

/** WGSL promises of exp(x) only 3 + 2|x| units in the last place, and |x| is at most 89 here. */
const exponential = 181;

await withProbe((probe) => {
  describeBackend('webgpu probe', () => probe, {
    skip: [
      {
        reason: 'the probe has loops and products alone',
        tests: ['gather > *', 'scatter > *', 'windows > *', 'ordering > *', 'repeat > *'],
      },
      {
        reason: 'WGSL lets a device make zero of subnormal numbers',
        tests: ['div', 'pow', 'atan2'].map((op) => `opcodes > ${op}: float32, subnormal numbers`),
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
