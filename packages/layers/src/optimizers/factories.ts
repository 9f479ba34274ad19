/** Optimizers as functions: `optimizers.adam()` is `new Adam()`. */
export { adam } from './adam.js';
export { sgd } from './sgd.js';
