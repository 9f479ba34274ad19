/** Random graphs on the native backend. */
import { registerBackends } from '@antler/core';
import { withNative } from '../backends/native.js';
import { fuzz } from './fuzz.js';

withNative((create) => {
  registerBackends({ native: create });
  const ways = [
    { name: 'node by node', backend: 'native', fusion: 'never', isJitted: false },
    { name: 'fused', backend: 'native', fusion: 'always', isJitted: false },
    { name: 'jit', backend: 'native', fusion: 'auto', isJitted: true },
  ] as const;
  fuzz(ways, create().bytes);
});
