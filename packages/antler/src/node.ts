/**
 * Antler for Node: deep learning the Keras way. Importing it says which backends and names there are; it loads none. The
 * environment variable ANTLER_DEBUG holds words of `setDebug`.
 */
import { setDebug } from '@antler/core';
import { install } from './install.js';
import { announced, nodeBackends } from './nodeBackends.js';

export * from './api.js';

install(announced(nodeBackends));
const words = process.env.ANTLER_DEBUG ?? '';
if (words !== '') setDebug(words);
