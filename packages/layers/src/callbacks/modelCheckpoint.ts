/** ModelCheckpoint: writes the state of training to a file that is always whole, so that training may stop at any moment. */
import { ValueError, describe } from '@antler/core';
import { readFile, replaceFile } from '../host.js';
import type { AnyModel } from '../model.js';
import type { Callback } from '../training/callbacks.js';
import type { BatchLogs, Logs } from '../training/logs.js';
import { type ModelState, decodeState, encodeState } from '../training/state.js';
import { Monitor, type MonitorOptions } from './monitor.js';

/** Options of {@link ModelCheckpoint}. */
export interface CheckpointOptions extends MonitorOptions {
  /** The file. `{epoch}` and `{name of a log}` stand for their values, as in `net-{epoch}-{val_loss}.safetensors`. */
  readonly path: string;
  /** Writes only after epochs that are the best so far. Default false. */
  readonly saveBestOnly?: boolean;
  /** After each epoch, or after every so many steps. Default epoch. */
  readonly saveFreq?: 'epoch' | number;
  /** Replaces what a path holds, all at once. Default: a file, through a temporary one beside it. Needed outside of Node. */
  readonly write?: (path: string, bytes: Uint8Array) => Promise<void>;
}

/**
 * Writes weights, the optimizer's state, the sums of metrics, the states of random generators and the place in the data.
 *
 * @example
 * const path = 'digits.safetensors';
 * await model.fit(x, y, { epochs: 20, callbacks: [callbacks.modelCheckpoint({ path })] });
 * // In another process, with the same model, data and options:
 * await model.fit(x, y, { epochs: 20, resumeFrom: await callbacks.readCheckpoint(path) });
 */
export class ModelCheckpoint implements Callback {
  readonly #options: CheckpointOptions;
  readonly #monitor: Monitor;
  #model: AnyModel | undefined;
  #steps = 0;

  constructor(options: CheckpointOptions) {
    const { path, saveFreq = 'epoch', saveBestOnly = false } = options;
    if (typeof path !== 'string' || path === '') {
      throw new ValueError(describe('modelCheckpoint: path', 'the path of a file', String(path)));
    }
    if (saveFreq !== 'epoch' && !(Number.isInteger(saveFreq) && saveFreq > 0 && !saveBestOnly)) {
      const expected = "'epoch', or a number of steps > 0 without saveBestOnly";
      throw new ValueError(describe('modelCheckpoint: saveFreq', expected, String(saveFreq)));
    }
    this.#options = options;
    this.#monitor = new Monitor('modelCheckpoint', options);
  }

  setModel(model: AnyModel): void {
    this.#model = model;
  }

  async onTrainBatchEnd(_batch: number, logs: BatchLogs): Promise<void> {
    const { saveFreq = 'epoch', path } = this.#options;
    if (saveFreq === 'epoch' || ++this.#steps % saveFreq !== 0) return;
    await this.#save(this.#model!.position.epoch, path.includes('{') ? await logs.read() : {});
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const { saveFreq = 'epoch', saveBestOnly = false } = this.#options;
    if (saveFreq !== 'epoch') return;
    if (saveBestOnly) {
      const value = this.#monitor.read(logs);
      if (value === undefined || !this.#monitor.isBest(value)) return;
    }
    await this.#save(epoch, logs);
  }

  async #save(epoch: number, logs: Logs): Promise<void> {
    const { path, write = replaceFile } = this.#options;
    const values: Readonly<Record<string, string>> = {
      epoch: String(epoch + 1),
      ...Object.fromEntries(Object.entries(logs).map(([name, value]) => [name, value.toFixed(4)])),
    };
    const file = path.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
    await write(file, encodeState(await this.#model!.saveState()));
  }
}

/** The state in a checkpoint's file, for `fit({ resumeFrom })`. */
export async function readCheckpoint(path: string): Promise<ModelState> {
  return decodeState(await readFile(path));
}
