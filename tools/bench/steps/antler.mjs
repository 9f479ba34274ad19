// Our own contestant: `node antler.mjs FOLDER MODEL`, on the backend that ANTLER_BACKEND names or else the default one.
//
// Speaks the protocol of peers/contest.py.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as antler from 'antler';
import { compiled } from '../models.mjs';
import { serve, timed } from '../serve.mjs';

/** @typedef {import('./arrays.mjs').Place} Place */

const imported = process.memoryUsage.rss();
const [folder = '', name = ''] = process.argv.slice(2);
const { version } = /** @type {{ version: string }} */ (
  JSON.parse(readFileSync(new URL('../../../packages/antler/package.json', import.meta.url), 'utf8'))
);
const { batch, batches, x, y, weights } = /** @type {import('./arrays.mjs').Manifest} */ (
  JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
);
const bytes = readFileSync(join(folder, 'arrays.bin'));
const { buffer } = new Uint8Array(bytes);

/** @param {Place} place @returns {antler.HostArray} */
function array({ shape, dtype, offset }) {
  const length = antler.sizeOf(shape);
  const data = dtype === 'int32' ? new Int32Array(buffer, offset, length) : new Float32Array(buffer, offset, length);
  return { shape, dtype, data };
}

/** The first of the batches. @param {antler.HostArray} whole @returns {antler.HostArray} */
function firstBatch({ shape, data, ...rest }) {
  return { ...rest, shape: [batch, ...shape.slice(1)], data: data.subarray(0, data.length / batches) };
}

/** @param {boolean} checking without dropout */
function build(checking) {
  const model = compiled(
    antler,
    /** @type {import('../models.d.mts').BenchmarkName} */ (name),
    checking ? { rate: 0 } : {},
  );
  model.setWeights(Object.values(weights).flat().map(array));
  return model;
}

const [allX, allY] = [array(x), array(y)];
const [oneX, oneY] = [firstBatch(allX), firstBatch(allY)];
if (process.env.ANTLER_BACKEND !== undefined) await antler.setBackend(process.env.ANTLER_BACKEND);
const model = build(false);

/** @param {ReturnType<typeof build>} trained */
const step = (trained) => async () => (await trained.trainOnBatch(oneX, oneY)).loss ?? NaN;

await serve(
  { antler: version },
  {
    memory: async () => ({ bytes: process.resourceUsage().maxRSS * 1024 - imported }),
    step: (count) => timed(count, step(model)),
    check: (count) => timed(count, step(build(true))),
    fit: async (count) => {
      const { ms } = await timed(count, async () => {
        await model.fit(allX, allY, { batchSize: batch, shuffle: false, verbose: 0 });
        return NaN;
      });
      return { ms: ms.map((time) => time / batches) };
    },
  },
);
