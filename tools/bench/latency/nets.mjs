// The networks whose predictions are timed, written once for two builders: one makes a model of ours, one a file of ONNX.

/**
 * @typedef {'relu'} Activation
 *
 * @typedef {{ filters: number, size: number, strides?: number, groups?: number, padding: 'same' | 'valid', bias: boolean, activation?: Activation }} ConvOptions
 */

/**
 * What networks are made of. Images have their channels last; convolutions pad to keep the size, or not at all.
 *
 * @template V what stands for a value
 * @typedef {object} Builder
 * @property {(x: V, units: number, activation?: Activation) => V} dense
 * @property {(x: V, options: ConvOptions) => V} conv
 * @property {(x: V) => V} norm batch normalization
 * @property {(x: V) => V} relu6
 * @property {(x: V) => V} maxPool of 2 × 2
 * @property {(x: V) => V} globalAverage
 * @property {(x: V) => V} flatten
 * @property {(x: V, y: V) => V} add
 */

/** @template V @param {Builder<V>} b @param {V} x */
function mlp(b, x) {
  return b.dense(b.dense(b.dense(x, 512, 'relu'), 512, 'relu'), 10);
}

/** @template V @param {Builder<V>} b @param {V} x */
function cnn(b, x) {
  const conv = /** @type {const} */ ({ size: 3, padding: 'valid', bias: true, activation: 'relu' });
  const first = b.maxPool(b.conv(x, { filters: 32, ...conv }));
  const second = b.maxPool(b.conv(first, { filters: 64, ...conv }));
  return b.dense(b.flatten(second), 10);
}

/** Table 2 of Sandler et al., 2018: expansion, filters, repetitions, strides of the first. */
const bottlenecks = /** @type {const} */ ([
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
]);

/** MobileNetV2: blocks that widen, filter each channel by itself, and narrow again. @template V @param {Builder<V>} b @param {V} x */
function mobileNet(b, x) {
  /** @param {V} y @param {number} filters @param {number} size @param {number} [strides] @param {number} [groups] */
  const normalized = (y, filters, size, strides = 1, groups = 1) =>
    b.norm(b.conv(y, { filters, size, strides, groups, padding: 'same', bias: false }));
  let y = b.relu6(normalized(x, 32, 3, 2));
  let channels = 32;
  for (const [expansion, filters, repetitions, strides] of bottlenecks) {
    for (let i = 0; i < repetitions; i++) {
      const wide = expansion * channels;
      const widened = expansion === 1 ? y : b.relu6(normalized(y, wide, 1));
      const filtered = b.relu6(normalized(widened, wide, 3, i === 0 ? strides : 1, wide));
      const narrow = normalized(filtered, filters, 1);
      y = i === 0 ? narrow : b.add(y, narrow);
      channels = filters;
    }
  }
  return b.dense(b.globalAverage(b.relu6(normalized(y, 1280, 1))), 1000);
}

/**
 * The networks with the shape of a row.
 * @type {Readonly<Record<string, { shape: readonly number[], build: <V>(b: Builder<V>, x: V) => V }>>}
 */
export const nets = {
  mlp: { shape: [784], build: mlp },
  cnn: { shape: [28, 28, 1], build: cnn },
  mobilenet: { shape: [224, 224, 3], build: mobileNet },
};

/** Numbers between −1 and 1, the same everywhere (mulberry32). @param {number} length @param {number} seed */
export function numbers(length, seed) {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  });
}
