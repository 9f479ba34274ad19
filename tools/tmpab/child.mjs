import * as antler from 'antler';
import { compiled, batchOf } from '../bench/models.mjs';
await antler.setBackend('native');
let model, x;
process.on('message', async ({ make, batch, count }) => {
  if (make) {
    model = compiled(antler, make);
    x = batchOf(model, make, batch).x;
    process.send({ ok: 1 });
    return;
  }
  const t = [];
  for (let i = 0; i < count; i++) {
    const t0 = performance.now();
    const y = model.predictOnBatch(x);
    await y.data();
    y.dispose();
    t.push(performance.now() - t0);
  }
  t.sort((a, b) => a - b);
  process.send({ ms: t[t.length >> 1] });
});
process.send({ ready: 1 });
