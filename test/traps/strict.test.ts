/** The traps on a hostile device. */
import { createJsBackend } from '@antler/backend-js';
import { createStrictBackend } from '../strict/strict.js';
import { describeTraps } from './traps.js';

describeTraps('strict', () => createStrictBackend({ seed: 1, js: createJsBackend }));
describeTraps('strict, refusing', () => createStrictBackend({ seed: 2, refuse: true, js: createJsBackend }));
