/**
 * A process that counts what core holds before and after much work: `scenarios.ts <js or strict>`. It prints, for each scenario,
 * the counts and the messages of what was thrown, as JSON. Collections are many and take as long as a process is big, so this
 * runs outside of Jest, whose processes are.
 */
import { createJsBackend } from '@antler/backend-js';
import { Variable, jit, memory, ones, tensor, type Backend, type DeviceMemory } from '@antler/core';
import {
  installNames,
  input,
  layers,
  resetNames,
  sequential,
  standardNames,
  type Callback,
  type Sequential,
} from '@antler/layers';
import { createStrictBackend } from '../strict/strict.js';
import { countsOf, openFresh } from '../modes.js';
import { classifier } from '../traps/classifier.js';

/** What is held, and what was thrown on the way. */
export interface Counts extends Pick<DeviceMemory, 'storages' | 'bytes' | 'programs' | 'inFlight'> {
  readonly pendingNodes: number;
}

/** Counts after a little work and after much, and what was thrown in between. */
export interface Outcome {
  readonly first: Counts;
  readonly last: Counts;
  readonly thrown: readonly string[];
}

const backends: Readonly<Record<string, () => Backend>> = {
  js: () => createJsBackend(),
  strict: () => createStrictBackend({ seed: 3, js: createJsBackend }),
};

/** What is still there after everything unreachable has gone: the least that was seen in several collections. */
async function settled(device: string): Promise<Counts> {
  let least = Infinity;
  for (let quiet = 0; quiet < 30; quiet++) {
    globalThis.gc!();
    // Finalizers run between macrotasks.
    await new Promise((resolve) => setTimeout(resolve, 10));
    const { storages } = countsOf(device);
    if (storages < least) quiet = 0;
    least = Math.min(least, storages);
  }
  const { storages, bytes, programs, inFlight } = countsOf(device);
  return { storages, bytes, programs, inFlight, pendingNodes: memory().pendingNodes };
}

function model(): Sequential {
  const made = sequential([
    input({ shape: [4] }),
    layers.dense({ units: 8, activation: 'relu' }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ]);
  made.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
  return made;
}

const rows = Float32Array.from({ length: 40 * 4 }, (_, i) => ((i * 37) % 17) / 17);
const data = { data: rows, shape: [40, 4] };
const labels = { data: Int32Array.from({ length: 40 }, (_, i) => i % 3), shape: [40] };
const many = new Float32Array(1000 * 4).fill(0.5);
const quiet = { verbose: 0, batchSize: 8 } as const;

const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing',
    (error: unknown) => (error as Error).message,
  );

type Scenario = (device: string, backend: string) => Promise<Omit<Outcome, 'thrown'> & Partial<Outcome>>;

const scenarios: Readonly<Record<string, Scenario>> = {
  async steps(device) {
    const { step, x, labels: truth } = classifier();
    const run = jit(step);
    const rate = tensor(0.1);
    const once = async (steps: number): Promise<Counts> => {
      for (let i = 0; i < steps; i++) {
        const loss = run(x, truth, rate);
        if (i % 20 === 19) await loss.item();
      }
      return settled(device);
    };
    return { first: await once(20), last: await once(1000) };
  },

  async eagerSteps(device) {
    const w = new Variable(ones([16]), { name: 'w' });
    const once = async (steps: number): Promise<Counts> => {
      for (let i = 0; i < steps; i++) {
        w.assignSub(w.value.mul(0.001));
        if (i % 20 === 19) await w.value.sum().item();
      }
      return settled(device);
    };
    return { first: await once(40), last: await once(1000) };
  },

  async fits(device) {
    const made = model();
    const once = async (epochs: number): Promise<Counts> => {
      await made.fit(data, labels, { ...quiet, epochs });
      await made.predict(data, quiet);
      return settled(device);
    };
    return { first: await once(2), last: await once(3) };
  },

  async exceptions(device) {
    const made = model();
    await made.fit(data, labels, quiet);
    await made.predict(data, quiet);
    const first = await settled(device);
    const failing: Callback = {
      onTrainBatchEnd(batch) {
        if (batch === 2) throw new Error('in the middle of fit');
      },
      onPredictBatchEnd(batch) {
        if (batch === 1) throw new Error('in the middle of predict');
      },
    };
    const thrown: string[] = [];
    for (let i = 0; i < 3; i++) {
      thrown.push(await messageOf(made.fit(data, labels, { ...quiet, callbacks: [failing] })));
      thrown.push(await messageOf(made.predict(data, { ...quiet, callbacks: [failing] })));
      const wrong = { ...labels, data: labels.data.map((label, k) => (k === 20 ? 7 : label)) };
      thrown.push(await messageOf(made.fit(data, wrong, quiet)));
    }
    return { first, last: await settled(device), thrown };
  },

  // Last, because its programs stay and make every later collection slow.
  async lengths(device, backend) {
    const made = model();
    const until = async (from: number, to: number): Promise<Counts> => {
      for (let length = from; length < to; length++) {
        const x = { data: many.subarray(0, 4 * length), shape: [length, 4] };
        const y = await made.predict(x, { verbose: 0, batchSize: length });
        if (String(y.shape) !== `${length},3`) throw new Error(`predict gave ${String(y.shape)} for ${length} rows`);
      }
      return settled(device);
    };
    // Each length is a program of its own, which takes its time to compile.
    return { first: await until(1, 50), last: await until(50, backend === 'js' ? 1001 : 101) };
  },
};

const backend = process.argv[2]!;
installNames(standardNames);
const outcomes: Record<string, Outcome> = {};
for (const [name, scenario] of Object.entries(scenarios)) {
  resetNames();
  const device = await openFresh(backends[backend]!);
  outcomes[name] = { thrown: [], ...(await scenario(device, backend)) };
}
process.stdout.write(JSON.stringify(outcomes));
