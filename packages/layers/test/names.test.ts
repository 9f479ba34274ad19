/** Automatic names are Keras's; a wrong name is answered with the nearest right one. */
import { beforeEach, expect, test } from '@jest/globals';
import { autoName, nearestName, resetNames, snakeCase } from '../src/names.js';
import { installNames, nameOf, resolveName } from '../src/registry.js';
import { standardNames } from '../src/standardNames.js';
import { relu } from '../src/activations.js';

beforeEach(() => {
  resetNames();
  installNames(standardNames);
});

test('class names become instance names as in Keras', () => {
  const pairs = {
    Dense: 'dense',
    InputLayer: 'input_layer',
    Conv2D: 'conv2d',
    SGD: 'sgd',
    GRUCell: 'gru_cell',
    MeanIoU: 'mean_io_u',
  };
  for (const [className, name] of Object.entries(pairs)) expect(snakeCase(className)).toBe(name);
});

test('each class counts for itself', () => {
  expect([autoName('Dense'), autoName('Dense'), autoName('Flatten'), autoName('Dense')]).toEqual([
    'dense',
    'dense_1',
    'flatten',
    'dense_2',
  ]);
});

test('a name resolves in camel case, in snake case and as a class name', () => {
  for (const name of ['meanSquaredError', 'mean_squared_error', 'MeanSquaredError', 'mse']) {
    expect(resolveName('compile: loss', 'loss', name)).toBe(standardNames.loss.mse);
  }
});

test('an unknown name is an error that lists the names and the nearest', () => {
  expect(() => resolveName('dense: activation', 'activation', 'rellu')).toThrow(
    'dense: activation: expected one of linear, relu, sigmoid, tanh, softmax, logSoftmax, softplus, exponential, ' +
      'elu, selu, gelu, silu, relu6, leakyRelu, hardSigmoid, hardSilu, softsign, mish, swish, celu, hardTanh, ' +
      'hardShrink, softShrink, tanhShrink, logSigmoid, squareplus, sparsemax, ' +
      'received "rellu". Did you mean "relu"?',
  );
  expect(() => resolveName('compile: optimizer', 'optimizer', 'somethingElse')).toThrow(
    /^compile: optimizer: expected one of sgd, adam, adamw, rmsprop, nadam, adamax, lamb, adagrad, adadelta, lion, ftrl, adafactor, received "somethingElse"\.$/,
  );
});

test('nearest names are near', () => {
  expect(nearestName('sparse_categorical_crosentropy', Object.keys(standardNames.loss))).toBe(
    'sparseCategoricalCrossentropy',
  );
  expect(nearestName('xyz', ['relu', 'tanh'])).toBeUndefined();
});

test('what was given under a name is found again', () => {
  expect(nameOf('activation', relu)).toBe('relu');
  const own = relu.bind(null);
  expect(nameOf('activation', own)).toBeUndefined();
  installNames({ activation: { own } });
  expect(nameOf('activation', own)).toBe('own');
});
