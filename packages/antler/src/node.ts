/** Antler for Node: deep learning the Keras way. Importing it says which backends there are, and loads none. */
import { registerBackends } from '@antler/core';
import { portableBackends } from './backends.js';

export * from './api.js';

registerBackends(portableBackends);
