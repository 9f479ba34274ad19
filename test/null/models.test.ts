/** What a training step of each benchmark model costs, counted on the null backend. */
import { expect, test } from '@jest/globals';
import * as antler from 'antler';
import { benchmarks, batchOf, compiled, type BenchmarkName } from '../../tools/bench/models.mjs';
import { openFresh } from '../modes.js';
import { createNullBackend } from './null.js';

test.each(Object.keys(benchmarks) as BenchmarkName[])('%s', async (name) => {
  const backend = createNullBackend();
  await openFresh(() => backend);
  const model = compiled(antler, name);
  const { x, y } = batchOf(model, name);
  await model.trainOnBatch(x, y);
  await antler.synchronize();
  await model.trainOnBatch(x, y);
  await antler.synchronize();
  await antler.synchronize();
  const n0 = backend.programs.length; const runs: unknown[] = []; const run = backend.run.bind(backend); (backend as {run: unknown}).run = (a: never, b: never, c: never) => { runs.push(backend.programs.indexOf(a)); run(a,b,c); };
  const before = backend.counts();
  await model.trainOnBatch(x, y);
  await antler.synchronize();
  const after = backend.counts();
  const kernels = Object.fromEntries(Object.entries(after.kernels).map(([k, n]) => [k, n - before.kernels[k as 'loop']]).filter(([,n])=>n!==0));
  console.warn(name, n0, runs.join(), JSON.stringify(kernels), 'copies', after.copies - before.copies, 'runs', after.runs - before.runs, 'programs', after.programs-before.programs, 'scratch', after.scratchBytes, 'writes', after.writes - before.writes, 'allocs', after.allocations-before.allocations);
  const { writeFileSync } = await import('node:fs');
  for (const [i, q] of backend.programs.entries()) writeFileSync(`/tmp/programs-${name}-${i}.txt`, antler.printProgram(q));
  const program = backend.programs.reduce((a, b) => (a.kernels.length >= b.kernels.length ? a : b));
  writeFileSync(`/tmp/program-${name}.txt`, antler.printProgram(program));
  expect(after.programs).toBe(before.programs);
});
