/** The traps on the reference backend. */
import { createJsBackend } from '@antler/backend-js';
import { describeTraps } from './traps.js';

describeTraps('js', () => createJsBackend());
