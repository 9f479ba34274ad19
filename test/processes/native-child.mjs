// A process, or a worker of one, that computes without end and leaves at a random moment: see packages/backend-cpu-native/test/processes.test.ts.
//
//   node native-child.mjs <file of the addon> <numbers of a program, as JSON> <bytes of its buffer> <how it ends> <milliseconds>

import { createRequire } from 'node:module';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';

/** @type {string[]} */
const args = isMainThread ? process.argv.slice(2) : workerData;
const [path = '', numbers = '', bytes, ending, milliseconds] = args;
const after = (/** @type {() => void} */ action) => setTimeout(action, Number(milliseconds));

if (isMainThread && (ending === 'terminate' || ending === 'worker')) {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: args });
  if (ending === 'terminate') after(() => void worker.terminate().then(() => console.log('terminated')));
} else {
  /** @type {import('../../packages/backend-cpu-native/src/addon.js').Addon} */
  const addon = createRequire(import.meta.url)(path);
  const executable = addon.compile(Float64Array.from(/** @type {number[]} */ (JSON.parse(numbers))));
  const buffer = new ArrayBuffer(Number(bytes));
  const turn = async () => {
    for (let i = 0; i < 5; i++) addon.run(executable, [buffer], new Float64Array(1), new Float64Array(0));
    void addon.read(buffer, 0, new ArrayBuffer(64));
    await addon.read(buffer, 0, new ArrayBuffer(Number(bytes)));
    setImmediate(() => void turn());
  };
  /** Waits for each of its runs, and tells the sum of what they made. */
  const brief = async () => {
    const numbers_ = new Float32Array(buffer).fill(1);
    for (let i = 0; i < Number(milliseconds); i++) {
      addon.run(executable, [buffer], new Float64Array(1), new Float64Array(0));
      await addon.read(buffer, 0, new ArrayBuffer(Number(bytes)));
    }
    parentPort?.postMessage(numbers_.reduce((a, b) => a + b, 0));
  };
  if (ending === 'exit') after(() => process.exit(7));
  if (ending === 'throw') {
    after(() => {
      throw new Error('on purpose');
    });
  }
  if (ending === 'brief') await brief();
  // Reads nothing, and leaves when its last run is enqueued.
  else if (ending === 'leave' || ending === 'worker')
    for (let i = 0; i < 20; i++) addon.run(executable, [buffer], new Float64Array(1), new Float64Array(0));
  else await turn();
}
