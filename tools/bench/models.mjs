// The six benchmark models, defined once: tests count their kernels and train small variants, the benchmark times them.
//
// Each takes the names of `antler` and its sizes, and gives a model whose outputs are logits of classes; all are trained with
// Adam and the cross-entropy of class numbers.

/** @typedef {typeof import('antler')} Antler */

/** @typedef {Readonly<Record<string, number>>} Sizes */

/** 5-3-2 with a sigmoid. @param {Antler} antler */
function tiny({ layers, sequential }) {
  return sequential([
    layers.input({ shape: [5] }),
    layers.dense({ units: 3, activation: 'sigmoid' }),
    layers.dense({ units: 2 }),
  ]);
}

/** Dense layers with relu. @param {Antler} antler @param {Sizes} sizes */
function mlp({ layers, sequential }, { features = 784, hidden = 512 }) {
  return sequential([
    layers.input({ shape: [features] }),
    layers.dense({ units: hidden, activation: 'relu' }),
    layers.dense({ units: hidden, activation: 'relu' }),
    layers.dense({ units: 10 }),
  ]);
}

/** The digit classifier of Keras's examples. @param {Antler} antler @param {Sizes} sizes */
function cnn({ layers, sequential }, { side = 28, filters = 32, rate = 0.5 }) {
  return sequential([
    layers.input({ shape: [side, side, 1] }),
    layers.conv2D({ filters, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2D(),
    layers.conv2D({ filters: 2 * filters, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2D(),
    layers.flatten(),
    layers.dropout({ rate }),
    layers.dense({ units: 10 }),
  ]);
}

/** One LSTM, whose last state is classified. @param {Antler} antler @param {Sizes} sizes */
function lstm({ layers, sequential }, { steps = 64, features = 32, units = 128 }) {
  return sequential([layers.input({ shape: [steps, features] }), layers.lstm({ units }), layers.dense({ units: 10 })]);
}

/**
 * A decoder of characters: learned positions, blocks that normalize first, an MLP four times as wide.
 *
 * @param {Antler} antler
 * @param {Sizes} sizes
 */
function gpt(antler, { blocks = 4, width = 192, heads = 6, context = 128, vocabulary = 96 }) {
  const { Layer, add, input, layers, model } = antler;

  class Positions extends Layer {
    static className = 'Positions';
    /** @param {readonly (number | null)[]} _shape @override */
    build(_shape) {
      this.table = this.addWeight({ name: 'table', shape: [context, width], initializer: 'randomUniform' });
    }
    /** @param {import('antler').Tensor} x @override */
    call(x) {
      return add(x, /** @type {import('antler').Variable} */ (this.table));
    }
  }

  const tokens = input({ shape: [context], dtype: 'int32' });
  const embedded = layers.embedding({ inputDim: vocabulary, outputDim: width }).apply(tokens);
  let x = new Positions().apply(embedded);
  for (let i = 0; i < blocks; i++) {
    const before = layers.layerNormalization().apply(x);
    const attention = layers.multiHeadAttention({ numHeads: heads, keyDim: width / heads });
    x = layers.add().apply([x, attention.apply([before, before], { useCausalMask: true })]);
    const hidden = layers.dense({ units: 4 * width, activation: 'gelu' }).apply(layers.layerNormalization().apply(x));
    x = layers.add().apply([x, layers.dense({ units: width }).apply(hidden)]);
  }
  const outputs = layers.dense({ units: vocabulary }).apply(layers.layerNormalization().apply(x));
  return model({ inputs: tokens, outputs });
}

/**
 * ResNet-20 (He et al., 2015): three stages of three blocks; where the size changes the shortcut is a convolution of one pixel.
 *
 * @param {Antler} antler
 * @param {Sizes} sizes
 */
function resnet({ input, layers, model }, { side = 32, filters = 16, blocks = 3 }) {
  /** @typedef {import('antler').SymbolicTensor} Symbol */
  /** @param {Symbol} x @param {number} filters @param {number} kernelSize @param {number} strides */
  const normalized = (x, filters, kernelSize, strides) =>
    layers
      .batchNormalization()
      .apply(layers.conv2D({ filters, kernelSize, strides, padding: 'same', useBias: false }).apply(x));
  /** @param {Symbol} x */
  const relu = (x) => layers.reLU().apply(x);
  const image = input({ shape: [side, side, 3] });
  let x = relu(normalized(image, filters, 3, 1));
  for (let stage = 0; stage < 3; stage++) {
    for (let block = 0; block < blocks; block++) {
      const width = filters * 2 ** stage;
      const strides = stage > 0 && block === 0 ? 2 : 1;
      const inner = normalized(relu(normalized(x, width, 3, strides)), width, 3, 1);
      x = relu(layers.add().apply([inner, strides === 1 ? x : normalized(x, width, 1, strides)]));
    }
  }
  const outputs = layers.dense({ units: 10 }).apply(layers.globalAveragePooling2D().apply(x));
  return model({ inputs: image, outputs });
}

/**
 * Each model with its batch in the benchmark, its number of classes, and sizes that train in no time on any backend.
 *
 * @type {import('./models.d.mts').Benchmarks}
 */
export const benchmarks = {
  tiny: { batch: 32, classes: 2, build: tiny, small: {} },
  mlp: { batch: 128, classes: 10, build: mlp, small: { features: 20, hidden: 16 } },
  cnn: { batch: 128, classes: 10, build: cnn, small: { side: 14, filters: 4, rate: 0.1 } },
  lstm: { batch: 64, classes: 10, build: lstm, small: { steps: 8, features: 6, units: 12 } },
  gpt: { batch: 16, classes: 96, build: gpt, small: { blocks: 2, width: 16, heads: 2, context: 8 } },
  resnet: { batch: 64, classes: 10, build: resnet, small: { side: 8, filters: 4, blocks: 1 } },
};

/** @type {import('./models.d.mts')['compiled']} */
export function compiled(antler, name, sizes = {}, learningRate = 0.001) {
  const model = benchmarks[name].build(antler, sizes);
  const loss = antler.losses.sparseCategoricalCrossentropy({ fromLogits: true });
  model.compile({ optimizer: antler.optimizers.adam({ learningRate }), loss });
  return model;
}

/** @type {import('./models.d.mts')['batchOf']} */
export function batchOf(model, name, batch = benchmarks[name].batch, random = Math.random) {
  const { classes } = benchmarks[name];
  const given = /** @type {readonly (number | null)[]} */ (model.inputShape);
  const shape = [batch, ...given.slice(1).map((size) => size ?? 1)];
  const size = shape.reduce((a, b) => a * b, 1);
  const isText = name === 'gpt';
  const data = isText
    ? Int32Array.from({ length: size }, () => Math.floor(random() * classes))
    : Float32Array.from({ length: size }, () => 2 * random() - 1);
  // A text's truth is the next character; that of the others is the class that a number in the row falls in.
  const labels = isText
    ? data.map((_, i) => data[(i + 1) % size] ?? 0)
    : Int32Array.from({ length: batch }, (_, i) => Math.floor((((data[(i * size) / batch] ?? 0) + 1) / 2) * classes));
  return {
    x: { data, shape, dtype: isText ? 'int32' : 'float32' },
    y: { data: Int32Array.from(labels), shape: isText ? shape : [batch], dtype: 'int32' },
  };
}
