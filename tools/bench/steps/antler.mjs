// Our own contestant: `node antler.mjs FOLDER MODEL`, on the backend that ANTLER_BACKEND names or else the default one.
//
// Speaks the protocol of peers/contest.py.

import * as antler from 'antler';
import { compiled } from '../models.mjs';
import { serve, timed } from '../serve.mjs';
import { antlerVersion } from '../start.mjs';
import { firstRows, readArrays } from './arrays.mjs';

const imported = process.memoryUsage.rss();
const [folder = '', name = ''] = process.argv.slice(2);
const { batch, batches, x, y, weights } = readArrays(folder);
/** @param {boolean} checking without dropout */
function build(checking) {
  const model = compiled(
    antler,
    /** @type {import('../models.d.mts').BenchmarkName} */ (name),
    checking ? { rate: 0 } : {},
  );
  model.setWeights(Object.values(weights).flat());
  return model;
}

const [oneX, oneY] = [firstRows(x, batch), firstRows(y, batch)];
if (process.env.ANTLER_BACKEND !== undefined) await antler.setBackend(process.env.ANTLER_BACKEND);
const model = build(false);

/** @param {ReturnType<typeof build>} trained */
const step = (trained) => async () => (await trained.trainOnBatch(oneX, oneY)).loss ?? NaN;

await serve(
  { antler: antlerVersion() },
  {
    memory: async () => ({ bytes: process.resourceUsage().maxRSS * 1024 - imported }),
    step: (count) => timed(count, step(model)),
    check: (count) => timed(count, step(build(true))),
    fit: async (count) => {
      const { ms } = await timed(count, async () => {
        await model.fit(x, y, { batchSize: batch, shuffle: false, verbose: 0 });
        return NaN;
      });
      return { ms: ms.map((time) => time / batches) };
    },
  },
);
