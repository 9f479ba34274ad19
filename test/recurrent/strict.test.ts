import { createJsBackend } from '@antler/backend-js';
import { createStrictBackend } from '../strict/strict.js';
import { describeRecurrent } from './recurrent.js';

describeRecurrent('strict', () => createStrictBackend({ seed: 1, js: createJsBackend }));
describeRecurrent('strict, refusing', () => createStrictBackend({ seed: 2, refuse: true, js: createJsBackend }));
