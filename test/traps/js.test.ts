import { createJsBackend } from '@antler/backend-js';
import { describeTraps } from './traps.js';

describeTraps('js', () => createJsBackend());
