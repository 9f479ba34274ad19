/** Antler for Node: deep learning the Keras way. Importing it says which backends and names there are; it loads none. */
import { install } from './install.js';
import { announced, nodeBackends } from './nodeBackends.js';

export * from './api.js';

install(announced(nodeBackends));
