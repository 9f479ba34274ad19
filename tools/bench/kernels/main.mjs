// `npm run bench:kernels`: products, convolutions, element-wise chains and reductions beside what the machine can do at best.
//
// --threads 2,1  --rounds 3. The floors come from a program in C (floors.c), compiled here; without a compiler there are none.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { resultOf } from '../child.mjs';
import { duration, setting, table } from '../page.mjs';
import { antlerVersion, start, write } from '../start.mjs';
import { cases } from './cases.mjs';

/** @typedef {{ gflops: number, chain: Record<string, number>, sum: Record<string, number> }} Floors */

const { values } = parseArgs({
  options: { threads: { type: 'string', default: '2,1' }, rounds: { type: 'string', default: '3' } },
});
start();

/** @param {string} name */
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'antler-floors-'));
const program = join(folder, 'floors');
const flags = ['-O3', '-march=native', '-fopenmp', here('floors.c'), '-o', program, '-lm'];
const { status, stderr } = spawnSync('cc', flags, { encoding: 'utf8' });
if (status !== 0) throw new Error(`bench:kernels: the floors need a C compiler with OpenMP: ${stderr || 'no cc'}`);

const sizes = [...new Set(cases.filter(({ floor }) => floor !== 'gflops').map(({ work }) => String(work)))];
const rows = [['what', 'threads', 'Antler', 'at best', 'of the best', 'goal', 'into a new tensor']];
for (const threads of values.threads.split(',').map(Number)) {
  /** @type {Floors} */
  const best = { gflops: 0, chain: {}, sum: {} };
  /** @type {Record<'kept' | 'fresh', Record<string, number>>} */
  const ours = { kept: {}, fresh: {} };
  // In turns, so that a moment in which the machine is slow meets both.
  for (let round = 0; round < Number(values.rounds); round++) {
    /** @type {Floors} */
    const floors = await resultOf([program, ...sizes], { threads, environment: { OMP_PROC_BIND: 'true' } });
    best.gflops = Math.max(best.gflops, floors.gflops);
    for (const kind of /** @type {const} */ (['chain', 'sum'])) keepFewest(best[kind], floors[kind]);
    /** @type {typeof ours} */
    const times = await resultOf([process.execPath, here('worker.mjs'), '0.15'], { threads });
    for (const kind of /** @type {const} */ (['kept', 'fresh'])) keepFewest(ours[kind], times[kind]);
  }
  for (const { title, floor, work } of cases) {
    const milliseconds = ours.kept[title] ?? NaN;
    const atBest = floor === 'gflops' ? work / best.gflops / 1e6 : (best[floor][work] ?? NaN);
    const speed = (/** @type {number} */ time) =>
      floor === 'gflops'
        ? `${(work / time / 1e6).toFixed(0)} GFLOP/s`
        : `${(((floor === 'chain' ? 3 : 1) * work) / time / 1e6).toFixed(1)} GB/s`;
    const part = `${((100 * atBest) / milliseconds).toFixed(0)} %`;
    const goal = floor === 'gflops' ? (/256|1024/.test(title) ? '' : '90 %') : '70 %';
    const fresh = duration(ours.fresh[title] ?? NaN);
    const kept = `${speed(milliseconds)}, ${duration(milliseconds)}`;
    rows.push([title, String(threads), kept, speed(atBest), part, goal, fresh]);
    console.log(rows.at(-1)?.join('  '));
  }
}
rmSync(folder, { recursive: true });
write([
  {
    title: 'Kernels beside the machine',
    paragraphs: [
      setting({ antler: antlerVersion() }),
      'What the machine can do at best is measured in the same run, in turns, by a small program in C: fused multiply-adds on 12 vectors of registers; `x + y` on arrays of the same size, stored through the caches or past them, whichever is faster; the sum of an array. Of both sides the fastest repetition counts. A kernel is run many times in a row, compiled by `jit`, its result assigned to a variable; the last column is what a new tensor for each result makes of it. Arrays of 4 MiB stay in the caches, those of 64 MiB do not.',
      table(rows),
    ],
  },
]);

/** @param {Record<string, number>} kept @param {Record<string, number>} times */
function keepFewest(kept, times) {
  for (const [name, time] of Object.entries(times)) kept[name] = Math.min(kept[name] ?? Infinity, time);
}
