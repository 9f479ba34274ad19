/** Recurrence on the reference backend. */
import { createJsBackend } from '@antler/backend-js';
import { describeRecurrent } from './recurrent.js';

describeRecurrent('js', () => createJsBackend());
