// Times the kernels in a process of its own: prints the fewest milliseconds of each, by title, `kept` with the result in a
// variable, as state is in training, `fresh` with a new tensor for each result.

import * as antler from 'antler';
import { cases } from './cases.mjs';

const seconds = Number(process.argv[2]);
await antler.setBackend('native');
/** @type {Record<'kept' | 'fresh', Record<string, number>>} */
const times = { kept: {}, fresh: {} };
for (const { title, shapes, build } of cases) {
  const inputs = shapes.map((shape) => antler.random.uniform(shape, { low: -1, high: 1 }));
  const compute = build(antler);
  const fresh = antler.jit(compute);
  const result = new antler.Variable(fresh(...inputs));
  const kept = antler.jit((/** @type {antler.Tensor[]} */ ...x) => {
    result.assign(compute(...x));
  });
  times.kept[title] = await fewest(() => kept(...inputs));
  times.fresh[title] = await fewest(() => fresh(...inputs).dispose());
  for (const input of inputs) input.dispose();
}
console.log(JSON.stringify(times));

/** Milliseconds per call of several in a row, so that calling counts only where it takes longer. @param {() => void} run */
async function fewest(run) {
  const timed = async (/** @type {number} */ calls) => {
    const start = performance.now();
    for (let i = 0; i < calls; i++) run();
    await antler.synchronize();
    return (performance.now() - start) / calls;
  };
  await timed(3);
  const calls = Math.max(3, Math.round(20 / (await timed(3))));
  let best = Infinity;
  for (const end = performance.now() + 1000 * seconds; performance.now() < end;) {
    best = Math.min(best, await timed(calls));
  }
  return best;
}
