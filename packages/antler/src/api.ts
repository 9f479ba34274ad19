/** The whole public API: tensors and operations, layers and training, data. */
export * from '@antler/core';
export * from '@antler/data';
export * from '@antler/layers';
// Core has a Reduction too, in its programs; users mean that of losses.
export type { Reduction } from '@antler/layers';
