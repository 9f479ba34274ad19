/** The networks that can be trained, by name. */
import { layers, sequential, type Sequential } from 'antler';
import type { ModelName } from './flags.js';

/** Makes a network from images [28, 28] to probabilities of the ten digits. */
export const models: { readonly [M in ModelName]: () => Sequential } = {
  mlp: () =>
    sequential([
      layers.input({ shape: [28, 28] }),
      layers.flatten(),
      layers.dense({ units: 128, activation: 'relu' }),
      layers.dropout({ rate: 0.2 }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ]),
  cnn: () =>
    sequential([
      layers.input({ shape: [28, 28] }),
      layers.reshape({ targetShape: [28, 28, 1] }),
      layers.conv2D({ filters: 32, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2D({ poolSize: 2 }),
      layers.conv2D({ filters: 64, kernelSize: 3, activation: 'relu' }),
      layers.maxPooling2D({ poolSize: 2 }),
      layers.flatten(),
      layers.dropout({ rate: 0.5 }),
      layers.dense({ units: 10, activation: 'softmax' }),
    ]),
};
