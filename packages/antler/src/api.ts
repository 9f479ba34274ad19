/** The whole public API: tensors and operations, layers and training, data. */
export * from '@antler/core';
export * from '@antler/data';
export * from '@antler/layers';
