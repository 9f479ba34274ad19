/** The public names of @antler/data, and nothing else. */
export type { Columns } from './columns.js';
export { Dataset } from './dataset.js';
export { hostArray } from './host.js';
export { FormatError, readIdx } from './idx.js';
export { mnist, type LabelledImages, type Mnist, type MnistOptions } from './mnist.js';
