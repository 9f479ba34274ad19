/** The native CPU backend under the conformance suite. */
import { describeBackend } from '../conformance/describe.js';
import { withNative } from './native.js';

withNative((create) => {
  describeBackend('native', create, {
    skip: [
      {
        reason: 'products of float32 are summed in float32, in vector registers; sums are not',
        tests: ['semantics > sums and products of float32 are added up in float64 (*'],
      },
    ],
    tolerance: {
      // Summed in float32 by as many chains as a vector has lanes.
      dot: 4,
    },
  });
});
