/** The traps on the native backend. */
import { withNative } from '../backends/native.js';
import { describeTraps } from './traps.js';

withNative((create) => describeTraps('native', create));
