// A contestant: our predictions of one row. `node antler.mjs NETWORK predict|predictOnBatch`.

import * as antler from 'antler';
import { serve, timed } from '../serve.mjs';
import { antlerVersion } from '../start.mjs';
import { modelOf } from './model.mjs';
import { nets, numbers } from './nets.mjs';

const [name = '', way = ''] = process.argv.slice(2);
const model = modelOf(name);
const shape = [1, ...(nets[name]?.shape ?? [])];
const x = { data: numbers(antler.sizeOf(shape), 99), shape };

/** The numbers on the host, as those of the other side are. */
async function predict() {
  const y = way === 'predict' ? await model.predict(x, { verbose: 0 }) : model.predictOnBatch(x);
  const outputs = await y.data();
  y.dispose();
  return outputs;
}

await serve(
  { antler: antlerVersion() },
  {
    step: (count) => timed(count, async () => (await predict())[0] ?? NaN),
    check: async () => ({ outputs: [...(await predict())] }),
  },
);
