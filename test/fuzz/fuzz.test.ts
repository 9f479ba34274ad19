/** Random graphs on the reference backend, and behind a hostile device. */
import { expect } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import { registerBackends } from '@antler/core';
import { createStrictBackend } from '../strict/strict.js';
import { fuzz } from './fuzz.js';

const strict = createStrictBackend({ seed: 11, refuse: true, js: createJsBackend });
registerBackends({ js: () => createJsBackend(), strict: () => strict });

fuzz(
  [
    { name: 'node by node', backend: 'js', fusion: 'never', isJitted: false },
    { name: 'fused', backend: 'js', fusion: 'always', isJitted: false },
    { name: 'jit', backend: 'js', fusion: 'auto', isJitted: true },
    { name: 'strict', backend: 'strict', fusion: 'auto', isJitted: true },
  ],
  strict.bytes,
  () => expect(strict.violations).toEqual([]),
);
