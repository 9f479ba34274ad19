// Training steps of the benchmark models on the native backend: a batch in memory, the loss on the host before the next.
// ANTLER_NUM_THREADS sets the threads, BENCH_BACKEND another backend, BENCH_PROFILE=1 shows the slowest kernels.

import { createJsBackend } from '@antler/backend-js';
import { createNativeBackend } from '@antler/backend-cpu-native';
import { layers, printProgram, random, registerBackends, sequential, setBackend } from 'antler';

const name = process.env.BENCH_BACKEND ?? 'native';

/** @type {Map<string, { count: number, ms: number, text: string }>} */
const spent = new Map();

/** The backend; with BENCH_PROFILE every run is profiled instead. */
function createBenchBackend() {
  const backend = name === 'js' ? createJsBackend() : createNativeBackend();
  if (!process.env.BENCH_PROFILE || backend.profile === undefined) return backend;
  /** @type {WeakMap<object, readonly string[]>} */
  const titles = new WeakMap();
  return {
    ...backend,
    readSync: undefined,
    compile: (/** @type {any} */ program) => {
      const executable = /** @type {any} */ (backend).compile(program);
      const lines = printProgram(program).split('\n');
      if (process.env.BENCH_PROFILE === 'print') console.log(lines.join('\n'));
      titles.set(
        executable,
        program.kernels.map(
          (/** @type {any} */ k, /** @type {number} */ i) =>
            `${i} ${k.kind} ${k.scopes.filter(Boolean).join(',')} ${JSON.stringify(k.shape ?? [k.map, k.batch, k.m, k.n, k.k, k.input, k.kernel, k.output])}${k.reduced ? ` /${k.reduced}` : ''} ops ${(k.body ?? k.epilogue ?? []).length}`,
        ),
      );
      return executable;
    },
    run: (/** @type {any} */ executable, /** @type {any} */ io, /** @type {any} */ scalars) => {
      void (
        /** @type {any} */ (backend).profile(executable, io, scalars).then((/** @type {number[]} */ times) => {
          times.forEach((ms, i) => {
            const title = titles.get(executable)?.[i] ?? '?';
            const entry = spent.get(title) ?? { count: 0, ms: Infinity, text: title };
            entry.count++;
            entry.ms = Math.min(entry.ms, ms);
            spent.set(title, entry);
          });
        })
      );
    },
  };
}

/**
 * @param {string} title @param {number} batch @param {number[]} shape of a sample
 * @param {() => import('antler').Sequential} make
 * @returns {import('../measure.mjs').Case}
 */
function step(title, batch, shape, make) {
  /** @type {() => Promise<void>} */
  let run = async () => {};
  return {
    title: `${title}, batch ${batch}, ${name}`,
    prepare: async () => {
      registerBackends({ bench: createBenchBackend });
      await setBackend('bench');
      const x = await random.uniform([batch, ...shape]).data();
      const y = Uint8Array.from({ length: batch }, (_, i) => i % 10);
      const model = make();
      model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: [] });
      run = async () => {
        await model.trainOnBatch({ data: x, shape: [batch, ...shape] }, y);
      };
      for (let i = 0; i < 5; i++) await run();
      spent.clear();
      process.once('exit', () => {
        const rows = [...spent.values()].sort((a, b) => b.ms - a.ms).slice(0, 25);
        for (const row of rows) console.log(`${row.ms.toFixed(4)} ms ×${row.count}  ${row.text}`);
      });
    },
    run: () => run(),
  };
}

const mlp = () =>
  sequential([
    layers.input({ shape: [784] }),
    layers.dense({ units: 512, activation: 'relu' }),
    layers.dense({ units: 512, activation: 'relu' }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ]);
const cnn = () =>
  sequential([
    layers.input({ shape: [28, 28, 1] }),
    layers.conv2D({ filters: 32, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2D({ poolSize: 2 }),
    layers.conv2D({ filters: 64, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2D({ poolSize: 2 }),
    layers.flatten(),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ]);
const tiny = () =>
  sequential([
    layers.input({ shape: [5] }),
    layers.dense({ units: 3, activation: 'sigmoid' }),
    layers.dense({ units: 2, activation: 'softmax' }),
  ]);
const wanted = process.env.BENCH_MODEL;

const all = {
  mlp: step('mlp 784-512-512-10', 128, [784], mlp),
  cnn: step('cnn', 128, [28, 28, 1], cnn),
};
void tiny;
/** One step each. */
export const cases = Object.entries(all).flatMap(([key, value]) =>
  wanted === undefined || wanted === key ? [value] : [],
);
