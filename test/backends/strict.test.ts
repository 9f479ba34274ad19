/** The strict backend under the conformance suite: with nothing refused, and with half of all epilogues refused. */
import { createJsBackend } from '@antler/backend-js';
import { describeBackend } from '../conformance/describe.js';
import { createStrictBackend } from '../strict/strict.js';

describeBackend('strict', () => createStrictBackend({ seed: 1, js: createJsBackend }));

describeBackend('strict, refusing', () => createStrictBackend({ seed: 2, refuse: true, js: createJsBackend }));
