/** Recurrence on the native backend. */
import { withNative } from '../backends/native.js';
import { describeRecurrent } from './recurrent.js';

withNative((create) => describeRecurrent('native', create));
