/** Training on the native backend. */
import { withNative } from '../backends/native.js';
import { describeFit } from './fit.js';
import { describeTraces } from './traces.js';

withNative((create) => {
  describeTraces('native', create);
  describeFit('native', create);
});
