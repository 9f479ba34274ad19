// A contestant: benchmark models in jax-js, a jitted step in a loop written by hand. `node jaxjs.mjs FOLDER MODEL`.
//
// Its arrays are owned: a function uses up its arguments, and `.ref` is one more use.

import { serve } from '../serve.mjs';
import { readArrays } from '../steps/arrays.mjs';
import { boundedCheck, boundedPasses } from './bounded.mjs';
import { peer, peerVersion } from './load.mjs';

const [folder = '', name = ''] = process.argv.slice(2);
const { defaultDevice, init, jit, lax, nn, numpy: np, random, tree, valueAndGrad } = await peer('@jax-js/jax');
await init('wasm');
defaultDevice('wasm');
const { batch, batches, x, y, weights } = readArrays(folder);

/** @param {any} x @param {any[]} w */
const dense = (x, w) => np.matmul(x, w[0]).add(w[1]);

/** The largest of each 2 × 2, of images with their channels first. @param {any} x */
function maxPool(x) {
  const [rows, channels, height, width] = x.shape;
  const [high, wide] = [Math.floor(height / 2), Math.floor(width / 2)];
  const even = x.slice([], [], [0, 2 * high], [0, 2 * wide]);
  return np.max(even.reshape([rows, channels, high, 2, wide, 2]), [3, 5]);
}

/** Channels first, which is all that it convolves; the kernel is turned in the program. @param {any} w @param {any} x @param {any} key */
function cnn(w, x, key) {
  let y = np.transpose(x, [0, 3, 1, 2]);
  for (const layer of ['first', 'second']) {
    const [kernel, bias] = w[layer];
    const summed = lax.conv(y, np.transpose(kernel, [3, 2, 0, 1]), [1, 1], 'VALID');
    y = maxPool(nn.relu(summed.add(bias.reshape([1, -1, 1, 1]))));
  }
  const flat = np.transpose(y, [0, 2, 3, 1]).reshape([x.shape[0], -1]);
  if (key === undefined) return dense(flat, w.head);
  return dense(np.where(random.bernoulli(key, 0.5, flat.shape), flat.ref.mul(2), 0), w.head);
}

/** @type {Record<string, (w: any, x: any, key: any) => any>} */
const bodies = {
  tiny: (w, x) => dense(nn.sigmoid(dense(x, w.hidden)), w.head),
  mlp: (w, x) => dense(nn.relu(dense(nn.relu(dense(x, w.first)), w.second)), w.head),
  cnn,
};
const reasons = { lstm: 'has no scan over steps', gpt: 'was not written for it', resnet: 'was not written for it' };

/** @param {import('../steps/arrays.mjs').HostArray} array */
const arrayOf = ({ data, shape, dtype }) => np.array(data, { shape, dtype: np[dtype] });

/** A step that takes rows from a place of all batches. @param {boolean} checking without dropout */
function stepper(checking) {
  const body = bodies[name];
  if (body === undefined) throw new Error(`jax-js ${reasons[/** @type {keyof typeof reasons} */ (name)]}`);
  const classes = weights.head?.[1]?.shape[0] ?? 0;

  /** @param {any} w @param {any} x @param {any} y @param {any[]} key none while checking */
  const lossOf = (w, x, y, ...key) => {
    const logits = nn.logSoftmax(body(w, x, key[0]));
    return np.sum(logits.mul(nn.oneHot(y, classes))).mul(-1 / batch);
  };
  /** @param {any} w @param {any} m @param {any} v @param {any} rate @param {any} x @param {any} y @param {any[]} key */
  const update = (w, m, v, rate, x, y, ...key) => {
    const [loss, g] = valueAndGrad(lossOf)(tree.ref(w), x, y, ...key);
    const m1 = tree.map((/** @type {any} */ a, /** @type {any} */ b) => a.mul(0.9).add(b.mul(0.1)), m, tree.ref(g));
    const v1 = tree.map(
      (/** @type {any} */ a, /** @type {any} */ b) => a.mul(0.999).add(np.square(b).mul(0.001)),
      v,
      g,
    );
    const w1 = tree.map(
      (/** @type {any} */ p, /** @type {any} */ a, /** @type {any} */ b) =>
        p.sub(rate.ref.mul(a).div(np.sqrt(b).add(1e-7))),
      w,
      tree.ref(m1),
      tree.ref(v1),
    );
    rate.dispose();
    return [w1, m1, v1, loss];
  };
  const compiled = jit(update);
  let w = Object.fromEntries(Object.entries(weights).map(([layer, arrays]) => [layer, arrays.map(arrayOf)]));
  let [m, v] = [0, 1].map(() => tree.map(np.zerosLike, tree.ref(w)));
  let taken = 0;
  let key = random.key(0);

  /** @param {any} x @param {any} y @returns {Promise<number>} */
  return async (x, y) => {
    taken++;
    const rate = (1e-3 * Math.sqrt(1 - 0.999 ** taken)) / (1 - 0.9 ** taken);
    const own = [];
    if (name === 'cnn' && !checking) {
      const keys = random.split(key);
      key = keys.ref.slice(0);
      own.push(keys.slice(1));
    }
    const [w1, m1, v1, loss] = compiled(w, m, v, np.array(rate), x, y, ...own);
    [w, m, v] = [w1, m1, v1];
    return (await loss.data())[0];
  };
}

/** @param {import('../steps/arrays.mjs').HostArray} whole @param {number} i */
function batchOf({ shape: [, ...row], data, dtype }, i) {
  const size = (batch * data.length) / (batch * batches);
  return arrayOf({ shape: [batch, ...row], data: data.slice(i * size, (i + 1) * size), dtype });
}

const step = stepper(false);
await serve(
  { '@jax-js/jax': peerVersion('@jax-js/jax') },
  {
    fit: (count) =>
      boundedPasses(count, batches, async (passed) => {
        for (let i = 0; i < passed; i++) await step(batchOf(x, i), batchOf(y, i));
      }),
    check: async (count) => {
      const checked = stepper(true);
      return boundedCheck(count, () => checked(batchOf(x, 0), batchOf(y, 0)));
    },
  },
);
