// The js backend beside TensorFlow.js's CPU backend, doing the same on the same numbers.

import * as peer from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import * as antler from 'antler';

/** @typedef {import('../compare.mjs').Comparison} Comparison */
/** @typedef {import('antler').Tensor} Tensor */

/** Numbers between −1/2 and 1/2, always the same. @param {number} length @param {number} seed */
function numbers(length, seed) {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
}

/**
 * A function of tensors that both libraries can compute, ours compiled by `jit`.
 *
 * @param {string} title
 * @param {number} goal
 * @param {number[][]} shapes of the arguments
 * @param {(...x: Tensor[]) => Tensor} ours
 * @param {(...x: any[]) => peer.Tensor} theirs
 * @returns {Comparison}
 */
function functionCase(title, goal, shapes, ours, theirs) {
  const data = shapes.map((shape, i) => numbers(antler.sizeOf(shape), i + 1));
  const compiled = antler.jit(ours);
  /** @type {Tensor[]} */
  let arguments_ = [];
  /** @type {peer.Tensor[]} */
  let theirArguments = [];
  const runOurs = async () => (await compiled(...arguments_).data())[0];
  const runTheirs = () => peer.tidy(() => theirs(...theirArguments).dataSync()[0]);
  return {
    title,
    goal,
    ours: {
      prepare: async () => {
        await antler.setBackend('js');
        arguments_ = data.map((values, i) => antler.tensor(values, { shape: shapes[i] ?? [] }));
      },
      run: runOurs,
    },
    peer: {
      prepare: async () => {
        await peer.setBackend('cpu');
        theirArguments = data.map((values, i) => peer.tensor(values, shapes[i]));
      },
      run: runTheirs,
    },
    check: async () => `first element ${(await runOurs())?.toFixed(5)} and ${runTheirs()?.toFixed(5)}`,
  };
}

/** One step of Adam for a classifier of digits: 784 → 128, relu → 10, batches of 128. @returns {Comparison} */
function adamStep() {
  const [batch, inputs, hidden, classes, rate] = [128, 784, 128, 10, 0.001];
  const shapes = [[inputs, hidden], [hidden], [hidden, classes], [classes]];
  const initial = shapes.map((shape, i) => numbers(antler.sizeOf(shape), i + 1).map((value) => value / 10));
  const x = numbers(batch * inputs, 9);
  const y = new Float32Array(batch * classes);
  for (let row = 0; row < batch; row++) y[row * classes + (row % classes)] = 1;
  /** @type {number[][]} */
  const losses = [[], []];

  let run = async () => {};
  const prepare = async () => {
    await antler.setBackend('js');
    const weights = initial.map((values, i) => new antler.Variable(antler.tensor(values, { shape: shapes[i] ?? [] })));
    const [first, second] = [0, 1].map(() => shapes.map((shape) => new antler.Variable(antler.zeros(shape))));
    const [power1, power2] = [new antler.Variable(antler.ones([])), new antler.Variable(antler.ones([]))];
    const [images, labels] = [
      antler.tensor(x, { shape: [batch, inputs] }),
      antler.tensor(y, { shape: [batch, classes] }),
    ];
    const gradients = antler.valueAndGrad((/** @type {Tensor[]} */ [w1, b1, w2, b2]) => {
      const h = antler.relu(antler.add(antler.matmul(images, /** @type {Tensor} */ (w1)), /** @type {Tensor} */ (b1)));
      const logits = antler.add(antler.matmul(h, /** @type {Tensor} */ (w2)), /** @type {Tensor} */ (b2));
      return antler.negative(antler.mean(antler.sum(antler.multiply(labels, antler.logSoftmax(logits)), -1)));
    });
    const step = antler.jit(() => {
      const [loss, slopes] = gradients(weights.map((weight) => weight.value));
      power1.assign(power1.value.mul(0.9));
      power2.assign(power2.value.mul(0.999));
      const [whole1, whole2] = [antler.subtract(1, power1.value), antler.subtract(1, power2.value)];
      weights.forEach((weight, i) => {
        const slope = /** @type {Tensor} */ (slopes[i]);
        const [m, v] = [/** @type {antler.Variable} */ (first?.[i]), /** @type {antler.Variable} */ (second?.[i])];
        m.assign(m.value.mul(0.9).add(slope.mul(0.1)));
        v.assign(v.value.mul(0.999).add(antler.square(slope).mul(0.001)));
        const root = antler.sqrt(v.value.div(whole2)).add(1e-7);
        weight.assign(weight.value.sub(m.value.div(whole1).div(root).mul(rate)));
      });
      return loss;
    });
    run = async () => {
      losses[0]?.push(await step().item());
    };
  };

  let runTheirs = () => {};
  const prepareTheirs = async () => {
    await peer.setBackend('cpu');
    const weights = initial.map((values, i) => peer.variable(peer.tensor(values, shapes[i])));
    const [w1, b1, w2, b2] = /** @type {any[]} */ (weights);
    const optimizer = peer.train.adam(rate);
    const [images, labels] = [peer.tensor2d(x, [batch, inputs]), peer.tensor2d(y, [batch, classes])];
    // Without the whole of TensorFlow.js there are no gradients, so these are derived by hand, which spares it the tape.
    runTheirs = () => {
      peer.tidy(() => {
        const h = peer.relu(peer.add(peer.matMul(images, w1), b1));
        const logits = peer.add(peer.matMul(h, w2), b2);
        const loss = peer.losses.softmaxCrossEntropy(labels, logits);
        const gLogits = peer.div(peer.sub(peer.softmax(logits), labels), batch);
        const gH = peer.mul(peer.matMul(gLogits, w2, false, true), peer.step(h));
        const slopes = [
          peer.matMul(images, gH, true),
          peer.sum(gH, 0),
          peer.matMul(h, gLogits, true),
          peer.sum(gLogits, 0),
        ];
        optimizer.applyGradients(weights.map(({ name }, i) => ({ name, tensor: /** @type {any} */ (slopes[i]) })));
        losses[1]?.push(loss.dataSync()[0] ?? NaN);
      });
    };
  };
  return {
    title: 'Adam step of a dense 784-128-10 classifier, batch 128',
    goal: 4,
    ours: { prepare, run: () => run() },
    peer: { prepare: prepareTheirs, run: () => runTheirs() },
    check: async () => {
      const [ours, theirs] = losses.map((list) => [0, 1, 5, 9].map((i) => list[i]?.toFixed(5)).join(', '));
      return `losses of steps 1, 2, 6 and 10: ${ours} and ${theirs}`;
    },
  };
}

/** A convolution of each channel by itself, and its two gradients. @returns {Comparison[]} */
function depthwiseConvolutions() {
  const image = [2, 56, 56, 64];
  const kernel = [3, 3, 64, 1];
  const attributes = { strides: [1, 1], dilations: [1, 1], pad: /** @type {const} */ ('same') };
  /** @param {Tensor} x @param {Tensor} w */
  const ours = (x, w) => antler.depthwiseConv(x, w, { padding: 'same' });
  /** @param {string} name @param {Record<string, peer.Tensor>} inputs @param {object} more @returns {peer.Tensor} */
  const theirs = (name, inputs, more) =>
    peer.engine().runKernel(name, inputs, /** @type {any} */ ({ ...attributes, ...more }));
  return [
    functionCase(
      'depthwise convolution 3 × 3 of 64 channels, on 56 × 56, batch 2',
      1,
      [image, kernel],
      ours,
      (x, filter) => theirs('DepthwiseConv2dNative', { x, filter }, {}),
    ),
    functionCase(
      'its gradient by the image',
      1,
      [image, kernel, image],
      (x, w, g) => /** @type {Tensor} */ (antler.vjp((x) => ours(x, w))(x)[1](g)[0]),
      (x, filter, dy) => theirs('DepthwiseConv2dNativeBackpropInput', { dy, filter }, { inputShape: image }),
    ),
    functionCase(
      'its gradient by the kernel',
      1,
      [image, kernel, image],
      (x, w, g) => /** @type {Tensor} */ (antler.vjp((w) => ours(x, w))(w)[1](g)[0]),
      (x, filter, dy) => theirs('DepthwiseConv2dNativeBackpropFilter', { x, dy }, { filterShape: kernel }),
    ),
  ];
}

/** How often the small operations are repeated before their result is read. */
const rounds = 20;

/** @param {Tensor} x @param {Tensor} y */
function oursInARow(x, y) {
  let z = x;
  for (let i = 0; i < rounds; i++) z = z.mul(y).add(x);
  return z;
}

/** @param {peer.Tensor} x @param {peer.Tensor} y */
function theirsInARow(x, y) {
  let z = x;
  for (let i = 0; i < rounds; i++) z = peer.add(peer.mul(z, y), x);
  return z;
}

/** What a single operation costs besides its arithmetic; in TensorFlow.js nothing is compiled. @returns {Comparison[]} */
function smallOperations() {
  const title = `one of ${2 * rounds} operations on 4 numbers`;
  const compiled = functionCase(`${title}, compiled by jit`, 3, [[4], [4]], oursInARow, theirsInARow);
  const [x, y] = [antler.tensor(numbers(4, 1)), antler.tensor(numbers(4, 2))];
  const run = async () => (await oursInARow(x, y).data())[0];
  const check = async () => `first element ${(await run())?.toFixed(5)} and ${Number(compiled.peer.run()).toFixed(5)}`;
  const ours = { prepare: () => antler.setBackend('js'), run };
  return [compiled, { ...compiled, title: `${title}, one by one`, ours, check }].map((one) => ({
    ...one,
    parts: 2 * rounds,
  }));
}

/** @type {Comparison[]} */
export const comparisons = [
  functionCase(
    'product of 256 × 256 matrices',
    4,
    [
      [256, 256],
      [256, 256],
    ],
    (a, b) => antler.matmul(a, b),
    (a, b) => peer.matMul(a, b),
  ),
  adamStep(),
  functionCase(
    'five element-wise operations on a million numbers',
    5,
    [[1_000_000], [1_000_000]],
    (x, y) => antler.abs(x.mul(y).add(x)).mul(0.5).sub(y),
    (x, y) => peer.sub(peer.mul(peer.abs(peer.add(peer.mul(x, y), x)), 0.5), y),
  ),
  functionCase(
    'convolution 3 × 3, 32 → 32 channels, on 32 × 32, batch 8',
    3,
    [
      [8, 32, 32, 32],
      [3, 3, 32, 32],
    ],
    (x, w) => antler.conv(x, w, { padding: 'same' }),
    (x, w) => peer.conv2d(/** @type {peer.Tensor4D} */ (x), /** @type {peer.Tensor4D} */ (w), 1, 'same'),
  ),
  ...depthwiseConvolutions(),
  ...smallOperations(),
];
