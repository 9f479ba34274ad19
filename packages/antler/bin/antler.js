#!/usr/bin/env node
// The `antler` command: everything is in the package's command line module.

import { main } from '../dist/cli.js';

process.exitCode = await main(process.argv.slice(2));
