/** Optimizers as functions: `optimizers.adam()` is `new Adam()`. */
export { adafactor } from './adafactor.js';
export { adadelta, adagrad } from './adagrad.js';
export { adam, adamw } from './adam.js';
export { adamax, lamb, nadam } from './adamRelatives.js';
export { ftrl } from './ftrl.js';
export { lion } from './lion.js';
export { rmsprop } from './rmsprop.js';
export * as schedules from './scheduleFactories.js';
export { sgd } from './sgd.js';
