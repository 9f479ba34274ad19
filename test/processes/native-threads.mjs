// Prints how many threads the process has before and after each program, and how many the addon would use; Linux counts them. See
// packages/backend-cpu-native/test/processes.test.ts.
//
//   node native-threads.mjs <file of the addon> <programs, as JSON: pairs of numbers and the bytes of the buffer>

import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';

const [, , path = '', programs = ''] = process.argv;
/** @type {import('../../packages/backend-cpu-native/src/addon.js').Addon} */
const addon = createRequire(import.meta.url)(path);
const count = () => (process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0);
const counts = [count()];
for (const [numbers, bytes] of /** @type {[number[], number][]} */ (JSON.parse(programs))) {
  addon.run(
    addon.compile(Float64Array.from(numbers)),
    [new ArrayBuffer(bytes)],
    new Float64Array(1),
    new Float64Array(0),
  );
  await addon.synchronize();
  counts.push(count());
}
const added = counts.map((n, i) => n - (counts[i - 1] ?? n)).slice(1);
console.log(JSON.stringify({ threads: addon.describe().threads, added }));
