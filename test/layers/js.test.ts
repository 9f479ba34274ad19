/** Training on the js backend. */
import { createJsBackend } from '@antler/backend-js';
import { describeFit } from './fit.js';
import { describeTraces } from './traces.js';

describeTraces('js', () => createJsBackend());
describeFit('js', () => createJsBackend());
