/** Temporary. */
import { test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import { lower } from '@antler/core';
import { printGraph, printProgram } from '../../src/graph/print.js';
import { seeded } from '../../../../test/seeded.js';
import { randomCase } from './random.js';
import { modes } from './run.js';
test('x', () => {
  const { graph, donate } = randomCase(seeded(Number(process.env.SEED)));
  void printGraph;
  const js = createJsBackend();
  for (const [name, mode] of Object.entries(modes)) {
    const target = { bytes: js.bytes, limits: { ...js.limits, maxRegionsPerKernel: mode.regions ?? Infinity }, accepts: mode.accepts ?? js.accepts };
    console.log(name + '\n' + printProgram(lower(graph, { target, fuse: mode.fuse ?? true, donate: process.env.DONATE ? donate : [] })));
  }
});
