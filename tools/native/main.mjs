// `npm run addon` in packages/backend-cpu-native: builds the native CPU backend, or says in one line why it cannot.

import { buildAddon } from './build.mjs';

const outcome = buildAddon();
if (outcome.state === 'unavailable') console.log(`native CPU backend: not built, ${outcome.reason}`);
else console.log(`native CPU backend: ${outcome.state}`);
