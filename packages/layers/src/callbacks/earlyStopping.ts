/** EarlyStopping: ends training when a number of the logs has stopped to improve. */
import type { HostArray } from '@antler/core';
import type { AnyModel } from '../model.js';
import type { Callback } from '../training/callbacks.js';
import type { Logs } from '../training/logs.js';
import { Monitor, type MonitorOptions } from './monitor.js';

/** Options of {@link EarlyStopping}. */
export interface EarlyStoppingOptions extends MonitorOptions {
  /** Epochs without improvement after which training ends. Default 0. */
  readonly patience?: number;
  /** Only numbers better than this start the patience again. */
  readonly baseline?: number;
  /** Gives the model the weights of its best epoch when training ends. Default false. */
  readonly restoreBestWeights?: boolean;
  /** Epochs before this one do not count. Default 0. */
  readonly startFromEpoch?: number;
}

/**
 * Ends training when a number has not improved for some epochs.
 *
 * @example
 * const stopping = callbacks.earlyStopping({ monitor: 'val_accuracy', patience: 3, restoreBestWeights: true });
 * await model.fit(x, y, { epochs: 100, validationSplit: 0.1, callbacks: [stopping] });
 */
export class EarlyStopping implements Callback {
  /** The epoch after which training was ended; undefined when it was not. */
  stoppedEpoch: number | undefined;
  /** The epoch with the best number. */
  bestEpoch = 0;
  readonly #options: EarlyStoppingOptions;
  #monitor: Monitor;
  #model: AnyModel | undefined;
  #wait = 0;
  #bestWeights: readonly HostArray[] | undefined;

  constructor(options: EarlyStoppingOptions = {}) {
    this.#options = options;
    this.#monitor = new Monitor('earlyStopping', options);
  }

  setModel(model: AnyModel): void {
    this.#model = model;
  }

  onTrainBegin(): void {
    this.#monitor = new Monitor('earlyStopping', this.#options);
    this.#wait = 0;
    this.#bestWeights = undefined;
    this.stoppedEpoch = undefined;
    this.bestEpoch = 0;
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const { patience = 0, baseline, restoreBestWeights = false, startFromEpoch = 0 } = this.#options;
    const value = this.#monitor.read(logs);
    if (value === undefined || epoch < startFromEpoch) return;
    this.#wait++;
    const isBest = this.#monitor.isBest(value);
    if (isBest) this.bestEpoch = epoch;
    if (restoreBestWeights && (isBest || this.#bestWeights === undefined)) {
      this.#bestWeights = await this.#model!.getWeights();
    }
    if (isBest && this.#monitor.improves(value, baseline)) this.#wait = 0;
    else if (this.#wait >= patience && epoch > 0) {
      this.stoppedEpoch = epoch;
      this.#model!.stopTraining = true;
    }
  }

  onTrainEnd(): void {
    if (this.#bestWeights !== undefined) this.#model!.setWeights(this.#bestWeights);
  }
}
