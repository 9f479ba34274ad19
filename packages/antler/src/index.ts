/** Antler for anywhere JavaScript runs: deep learning the Keras way. Importing it says which backends and names there are; it loads none. */
import { install } from './install.js';
import { portableBackends } from './backends.js';

export * from './api.js';

install(portableBackends);
