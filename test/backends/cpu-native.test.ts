/** The native CPU backend under the conformance suite. */
import { createNativeBackend } from '@antler/backend-cpu-native';
import { describeBackend } from '../conformance/describe.js';

describeBackend('native', () => createNativeBackend(), {
  tolerance: {
    // Float32 products are summed in float32, in vectors.
    dot: 4,
  },
});
