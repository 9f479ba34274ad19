/** The doctor's text and verdict, on made-up diagnoses. */
import { describe, expect, test } from '@jest/globals';
import { type BackendDiagnosis, type Diagnosis, isHealthy } from '../src/doctor/diagnosis.js';
import { renderDiagnosis } from '../src/doctor/render.js';

const js: BackendDiagnosis = {
  name: 'js',
  available: true,
  dtypes: ['float32', 'int32'],
  selfTest: { passed: true, milliseconds: 3.7 },
};
const cuda: BackendDiagnosis = { name: 'cuda', available: false, reason: 'no CUDA device', action: 'install a driver' };
const diagnosis = (backends: BackendDiagnosis[], defaultBackend?: string): Diagnosis => ({
  versions: { antler: '0.1.0', node: '20.20.0', v8: '11.3' },
  machine: { platform: 'linux x64', cpu: 'Some CPU', cores: 2, memoryBytes: 8 * 2 ** 30, freeMemoryBytes: 2 ** 30 },
  backends,
  defaultBackend,
});

test('text names what works, and for the rest why not and what to do', () => {
  expect(renderDiagnosis(diagnosis([js, cuda], 'js'))).toBe(`antler           0.1.0
node             20.20.0 (V8 11.3), linux x64
cpu              Some CPU, 2 cores
memory           8.0 GiB, 1.0 GiB free
default backend  js

+ js: available
    dtypes:     float32 int32
    self test:  passed in 4 ms
- cuda: not available
    why:  no CUDA device
    do:   install a driver

All is well.
`);
});

describe('the verdict', () => {
  const wrong: BackendDiagnosis = { ...js, selfTest: { passed: false, reason: 'loss is 7' } };
  test('is good when a backend works and none computes wrong numbers', () => {
    expect(isHealthy(diagnosis([js, cuda], 'js'))).toBe(true);
  });
  test('is bad without a backend, or when a self test fails', () => {
    expect(isHealthy(diagnosis([cuda]))).toBe(false);
    expect(isHealthy(diagnosis([js, wrong], 'js'))).toBe(false);
    expect(renderDiagnosis(diagnosis([wrong], 'js'))).toMatch(
      /self test: {2}FAILED: loss is 7[\s\S]*Something is wrong/,
    );
  });
});
