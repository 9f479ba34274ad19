// `npm run setup`: prepares the checkout and says what was found.

import { describeFindings } from './system.mjs';
import { SetupError, setup } from './setup.mjs';

try {
  for (const line of describeFindings(setup({ system: true }).features)) console.log(`setup: ${line}`);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`setup: ${error.message}`);
  process.exitCode = 1;
}
