/** Callbacks that watch the logs, checkpoints, regularizers in the loss, data sets in `fit`: on a line that is easy to check. */
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Dataset } from '@antler/data';
import { type Callback, type FitOptions, type Logs, type Sequential, decodeState, encodeState } from '@antler/layers';
import { callbacks, input, layers, optimizers, sequential } from '@antler/layers';
import './setup.js';

const x = { data: Float32Array.from({ length: 10 }, (_, i) => i / 5 - 1), shape: [10, 1] };
const y = { data: x.data.map((value) => 2 * value - 1), shape: [10, 1] };

function line(options: { readonly kernelRegularizer?: 'l1' | 'l2' } = {}): Sequential {
  const model = sequential([input({ shape: [1] }), layers.dense({ units: 1, kernelInitializer: 'zeros', ...options })]);
  model.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss: 'mse' });
  return model;
}

/** Puts numbers into the logs of the epochs, as if they had been measured. */
const measured = (name: string, values: readonly number[]): Callback => ({
  onEpochEnd: (epoch, logs) => void ((logs as Record<string, number>)[name] = values[epoch]!),
});

const fit = async (model: Sequential, list: readonly Callback[], options: FitOptions = {}): Promise<number> => {
  const { epoch } = await model.fit(x, y, { epochs: 8, verbose: 0, seed: 1, callbacks: list, ...options });
  return epoch.length;
};

const kernel = async (model: Sequential): Promise<number> => (await model.getWeights())[0]!.data[0]!;

afterEach(() => {
  jest.restoreAllMocks();
});

describe('earlyStopping', () => {
  test.each([
    ['small numbers are good', { monitor: 'v' }, [3, 2, 2, 2, 1, 1, 1, 1], 3],
    ['patience', { monitor: 'v', patience: 2 }, [3, 2, 2, 2, 1, 1, 1, 1], 4],
    ['a better number starts the patience again', { monitor: 'v', patience: 3 }, [3, 2, 2, 2, 1, 1, 1, 0], 8],
    ['accuracies are good when they are large', { monitor: 'accuracy' }, [1, 2, 3, 4, 3, 9, 9, 9], 5],
    ['unless said otherwise', { monitor: 'accuracy', mode: 'min' }, [4, 3, 2, 3, 1, 1, 1, 1], 4],
    ['a small change is none', { monitor: 'v', minDelta: 0.5 }, [3, 2, 1.8, 1, 1, 1, 1, 1], 3],
    ['a baseline', { monitor: 'v', baseline: 1, patience: 2 }, [3, 2, 1.5, 1, 1, 1, 1, 1], 2],
    ['early epochs do not count', { monitor: 'v', startFromEpoch: 4 }, [1, 2, 3, 4, 5, 6, 6, 6], 6],
  ] as const)('%s', async (_name, options, values, epochs) => {
    const stopping = callbacks.earlyStopping(options);
    expect(await fit(line(), [measured(options.monitor, values), stopping])).toBe(epochs);
    expect(stopping.stoppedEpoch).toBe(epochs === 8 ? undefined : epochs - 1);
  });

  test('gives back the best weights', async () => {
    const weights: number[] = [];
    const model = line();
    const keeping = { onEpochEnd: async () => void weights.push(await kernel(model)) };
    const stopping = callbacks.earlyStopping({ monitor: 'v', patience: 2, restoreBestWeights: true });
    await fit(model, [measured('v', [3, 1, 2, 2, 2]), keeping, stopping]);
    expect([stopping.bestEpoch, weights.length]).toEqual([1, 4]);
    expect(await kernel(model)).toBe(weights[1]);
    expect(weights[3]).not.toBe(weights[1]);
  });

  test('says once that the logs lack its number', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    expect(await fit(line(), [callbacks.earlyStopping()])).toBe(8);
    expect(warn.mock.calls).toEqual([['earlyStopping: the logs have no val_loss, only loss.']]);
  });
});

describe('learning rates', () => {
  const watch = (model: Sequential, rates: number[]): Callback => ({
    onEpochEnd: () => void rates.push(model.optimizer.learningRate),
  });

  test('learningRateScheduler sets the rate of each epoch', async () => {
    const [model, rates] = [line(), [] as number[]];
    const scheduler = callbacks.learningRateScheduler({ schedule: (epoch, rate) => (epoch < 2 ? rate : rate / 2) });
    await fit(model, [scheduler, watch(model, rates)], { epochs: 4 });
    expect(rates).toEqual([0.1, 0.1, 0.05, 0.025]);
  });

  test('reduceLROnPlateau lowers it, waits, and stops at the least', async () => {
    const [model, rates] = [line(), [] as number[]];
    const reduce = callbacks.reduceLROnPlateau({ monitor: 'v', factor: 0.5, patience: 2, cooldown: 1, minLr: 0.03 });
    await fit(model, [measured('v', [3, 3, 3, 3, 3, 3, 3, 3]), reduce, watch(model, rates)]);
    // One epoch is the best so far, two without improvement; one to cool down is also the first that waits.
    expect(rates).toEqual([0.1, 0.1, 0.05, 0.05, 0.03, 0.03, 0.03, 0.03]);
  });
});

describe('modelCheckpoint', () => {
  let folder = '';
  const inFolder = async (run: () => Promise<void>): Promise<void> => {
    folder = mkdtempSync(join(tmpdir(), 'antler-'));
    try {
      await run();
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test('fills in the path, and keeps the best alone', () =>
    inFolder(async () => {
      const path = join(folder, 'net-{epoch}-{v}.safetensors');
      const best = callbacks.modelCheckpoint({ path, monitor: 'v', saveBestOnly: true });
      await fit(line(), [measured('v', [3, 4, 2, 5]), best], { epochs: 4 });
      expect(readdirSync(folder).sort()).toEqual(['net-1-3.0000.safetensors', 'net-3-2.0000.safetensors']);
      const { position } = await callbacks.readCheckpoint(join(folder, 'net-3-2.0000.safetensors'));
      expect(position).toEqual({ epoch: 3, step: 0, seed: 1 });
    }));

  test('training goes on from it, in the middle of an epoch too', async () => {
    const states: Uint8Array[] = [];
    const write = (_path: string, bytes: Uint8Array): Promise<void> => Promise.resolve(void states.push(bytes));
    const saving = callbacks.modelCheckpoint({ path: 'anywhere', saveFreq: 1, write });
    const options = { epochs: 3, batchSize: 4, seed: 4, verbose: 0 } as const;
    const model = line();
    const whole = await model.fit(x, y, { ...options, callbacks: [saving] });
    expect(states.length).toBe(9);
    for (const state of states) {
      const other = line();
      const { history } = await other.fit(x, y, { ...options, resumeFrom: decodeState(state) });
      expect(history.loss).toEqual(whole.history.loss!.slice(-history.loss!.length));
      expect(await kernel(other)).toBe(await kernel(model));
    }
  });

  test('a failed write leaves the former file, and nothing beside it', () =>
    inFolder(async () => {
      const path = join(folder, 'state');
      await fit(line(), [callbacks.modelCheckpoint({ path })], { epochs: 1 });
      const former = readFileSync(path);
      await expect(fit(line(), [callbacks.modelCheckpoint({ path: join(folder, 'none', 'state') })])).rejects.toThrow(
        'ENOENT',
      );
      expect(readdirSync(folder)).toEqual(['state']);
      expect(readFileSync(path).equals(former)).toBe(true);
    }));

  test.each(['float16', 'bfloat16', 'float64'] as const)('keeps %s variables to the bit', async (dtype) => {
    const make = (): Sequential => {
      const row = [input({ shape: [1] }), layers.dense({ units: 3, dtype }), layers.dense({ units: 1 })];
      const model = sequential(row);
      model.compile({ optimizer: optimizers.sgd({ learningRate: 0.1, momentum: 0.9 }), loss: 'mse' });
      return model;
    };
    const model = make();
    await fit(model, [], { epochs: 1 });
    const state = await model.saveState();
    expect(state.variables.weights.map((weight) => weight.dtype)).toEqual([dtype, dtype, 'float32', 'float32']);
    const read = decodeState(encodeState(state));
    expect(read).toEqual(state);
    const other = make();
    other.optimizer.build(other.trainableWeights);
    other.restoreState(read);
    expect(await other.saveState()).toEqual(state);
  });

  test('what is no checkpoint, or of another model, is refused and changes nothing', async () => {
    const model = line();
    await fit(model, [], { epochs: 1 });
    const bytes = encodeState(await model.saveState());
    expect(decodeState(bytes)).toEqual(await model.saveState());
    expect(() => decodeState(bytes.subarray(0, 4))).toThrow(
      'decodeState: expected a whole checkpoint, received 4 bytes.',
    );
    expect(() => decodeState(bytes.subarray(0, bytes.length - 1))).toThrow('received a file that is cut off.');
    const wider = sequential([input({ shape: [1] }), layers.dense({ units: 2 })], { name: 'wider' });
    wider.compile({ optimizer: 'sgd', loss: 'mse' });
    expect(() => wider.restoreState(decodeState(bytes))).toThrow(
      /^restoreState: wider: weights: expected float32 \[1, 2\] for \w+\/kernel, received float32 \[1, 1\]\.$/,
    );
    expect(() => callbacks.modelCheckpoint({ path: '' })).toThrow('modelCheckpoint: path: expected the path of a file');
    expect(() => callbacks.modelCheckpoint({ path: 'a', saveFreq: 0 })).toThrow('modelCheckpoint: saveFreq: expected');
  });
});

describe('regularizers', () => {
  test('are in the loss of training and of evaluation, and pull on the weights', async () => {
    const [plain, pulled] = [line(), line({ kernelRegularizer: 'l2' })];
    for (const model of [plain, pulled]) model.setWeights([[[3]], [0]]);
    const [a, b] = [await plain.evaluate(x, y, { verbose: 0 }), await pulled.evaluate(x, y, { verbose: 0 })];
    expect(b.loss! - a.loss!).toBeCloseTo(0.01 * 9, 5);
    const first = async (model: Sequential): Promise<number> => {
      await model.fit(x, y, { verbose: 0, batchSize: 10 });
      return kernel(model);
    };
    expect((await first(plain)) - (await first(pulled))).toBeCloseTo(0.1 * 2 * 0.01 * 3, 5);
  });
});

describe('data sets', () => {
  const batches = (): Dataset<{ x: typeof x; y: typeof y }> => Dataset.fromArrays({ x, y }).batch(4);

  test('of { x, y } are what arrays cut in order are; their size is the number of steps', async () => {
    const arrays = await line().fit(x, y, { epochs: 3, batchSize: 4, shuffle: false, verbose: 0 });
    const written: string[] = [];
    const output = { write: (text: string) => void written.push(text), isTerminal: false, now: () => 0 };
    const { history } = await line().fit(batches(), { epochs: 3, output });
    expect(history).toEqual(arrays.history);
    expect(written[1]).toMatch(/^3\/3 ━+ /);
  });

  test('without an end need the number of steps, and go on where the last epoch stopped', async () => {
    await expect(line().fit(batches().repeat(), { verbose: 0 })).rejects.toThrow(
      'fit: x: expected batches that end, received endless ones. Pass stepsPerEpoch (or steps).',
    );
    const options = { verbose: 0 } as const;
    const endless = await line().fit(batches().repeat(), { ...options, epochs: 3, stepsPerEpoch: 2 });
    const losses: number[] = [];
    await line().fit(batches(), {
      ...options,
      epochs: 2,
      callbacks: [
        {
          onTrainBatchEnd: async (_batch, logs) => void losses.push((await logs.read()).loss!),
        },
      ],
    });
    expect([endless.epoch.length, losses.length]).toEqual([3, 6]);
    expect(endless.history.loss![0]).toBe(losses[1]);
  });

  test('arrays may be cut short too', async () => {
    let steps = 0;
    const logs: Logs[] = [];
    await line().fit(x, y, {
      verbose: 0,
      batchSize: 2,
      stepsPerEpoch: 3,
      validationData: batches(),
      validationSteps: 1,
      callbacks: [{ onTrainBatchEnd: () => void steps++, onTestEnd: (test) => void logs.push(test) }],
    });
    expect([steps, logs.length]).toEqual([3, 1]);
  });
});
