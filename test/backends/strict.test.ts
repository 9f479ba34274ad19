/** The strict backend under the conformance suite: with nothing refused, and with half of all epilogues refused. */
import { expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import { describeBackend } from '../conformance/describe.js';
import { createStrictBackend } from '../strict/strict.js';

const strict = createStrictBackend({ seed: 1, js: createJsBackend });
const refusing = createStrictBackend({ seed: 2, refuse: true, js: createJsBackend });

describeBackend('strict', () => strict);
describeBackend('strict, refusing', () => refusing);

test('no promise was broken, and every buffer was freed', () => {
  expect([...strict.violations, ...refusing.violations]).toEqual([]);
  expect([...strict.live, ...refusing.live]).toEqual([]);
});
