/** Optimizers as functions: `optimizers.adam()` is `new Adam()`. */
export { adam, adamw } from './adam.js';
export { rmsprop } from './rmsprop.js';
export * as schedules from './scheduleFactories.js';
export { sgd } from './sgd.js';
