// `npm run jest -- <pattern>`: the tests alone, for work in progress.

import { runJest } from './verify/jest.mjs';

process.exitCode = runJest(process.argv.slice(2)) ?? 1;
