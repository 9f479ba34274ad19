/** Recurrence on the strict backend: with nothing refused, and with half of what may be refused. */
import { createJsBackend } from '@antler/backend-js';
import { createStrictBackend } from '../strict/strict.js';
import { describeRecurrent } from './recurrent.js';

describeRecurrent('strict', () => createStrictBackend({ seed: 1, js: createJsBackend }));
describeRecurrent('strict, refusing', () => createStrictBackend({ seed: 2, refuse: true, js: createJsBackend }));
