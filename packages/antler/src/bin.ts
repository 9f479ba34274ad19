#!/usr/bin/env node
/** Where the `antler` command starts. */
import { main } from './cli.js';

process.exitCode = await main(process.argv.slice(2));
