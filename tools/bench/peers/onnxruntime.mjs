// A contestant: ONNX Runtime's predictions of one row. `node onnxruntime.mjs NETWORK FILE`.

import { nets, numbers } from '../latency/nets.mjs';
import { transposed } from '../latency/onnx.mjs';
import { serve, timed } from '../serve.mjs';
import { peer } from './load.mjs';

const [name = '', path = ''] = process.argv.slice(2);
const { default: ort } = await peer('onnxruntime-node');
const shape = nets[name]?.shape ?? [];
const length = shape.reduce((a, b) => a * b, 1);
const row = { shape, data: numbers(length, 99) };
const x = shape.length === 3 ? transposed(row, [2, 0, 1]) : row;
const session = await ort.InferenceSession.create(path, {
  executionProviders: ['cpu'],
  intraOpNumThreads: Number(process.env.OMP_NUM_THREADS),
  interOpNumThreads: 1,
  graphOptimizationLevel: 'all',
});

/** @returns {Promise<Float32Array>} */
async function predict() {
  const outputs = await session.run({ x: new ort.Tensor('float32', x.data, [1, ...x.shape]) });
  return outputs[session.outputNames[0]].data;
}

await serve(
  { 'onnxruntime-node': ort.env.versions.node },
  {
    step: (count) => timed(count, async () => (await predict())[0] ?? NaN),
    check: async () => ({ outputs: [...(await predict())] }),
  },
);
