/** Training on the strict backend: late, out of order, on memory full of NaN, without composites. */
import { afterAll, expect } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import { createStrictBackend, type StrictBackend, type StrictOptions } from '../strict/strict.js';
import { describeFit } from './fit.js';
import { describeTraces } from './traces.js';

const made: StrictBackend[] = [];

function strict(options: Omit<StrictOptions, 'js'>): () => StrictBackend {
  return () => {
    const backend = createStrictBackend({ ...options, js: createJsBackend });
    made.push(backend);
    return backend;
  };
}

describeTraces('strict', strict({ seed: 1 }));
describeTraces('strict, without composites', strict({ seed: 2, refuse: { composites: true } }));
describeFit('strict, at work', strict({ seed: 3 }));

afterAll(() => {
  expect(made.length).toBe(3);
  expect(made.flatMap(({ violations }) => violations)).toEqual([]);
});
