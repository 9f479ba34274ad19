/** Callbacks that change the learning rate between epochs: by a function of the epoch, or when a number stays where it is. */
import type { AnyModel } from '../model.js';
import type { Callback } from '../training/callbacks.js';
import type { Logs } from '../training/logs.js';
import { Monitor, type MonitorOptions } from './monitor.js';

/** The rate of an epoch, from its number and the present rate. */
export type RateOfEpoch = (epoch: number, learningRate: number) => number;

/**
 * Sets the learning rate before each epoch.
 *
 * @example
 * callbacks.learningRateScheduler({ schedule: (epoch, rate) => (epoch < 10 ? rate : rate * 0.9) });
 */
export class LearningRateScheduler implements Callback {
  readonly #schedule: RateOfEpoch;
  #model: AnyModel | undefined;

  constructor({ schedule }: { readonly schedule: RateOfEpoch }) {
    this.#schedule = schedule;
  }

  setModel(model: AnyModel): void {
    this.#model = model;
  }

  onEpochBegin(epoch: number): void {
    const { optimizer } = this.#model!;
    optimizer.learningRate = this.#schedule(epoch, optimizer.learningRate);
  }
}

/** Options of {@link ReduceLROnPlateau}. */
export interface ReduceOptions extends MonitorOptions {
  /** What the rate is multiplied with. Default 0.1. */
  readonly factor?: number;
  /** Epochs without improvement before it is. Default 10. */
  readonly patience?: number;
  /** Epochs after that which do not count. Default 0. */
  readonly cooldown?: number;
  /** The least rate. Default 0. */
  readonly minLr?: number;
}

/**
 * Makes the learning rate smaller when a number has not improved for some epochs.
 *
 * @example
 * callbacks.reduceLROnPlateau({ monitor: 'val_loss', factor: 0.2, patience: 5, minLr: 1e-5 });
 */
export class ReduceLROnPlateau implements Callback {
  readonly #options: ReduceOptions;
  #monitor: Monitor;
  #model: AnyModel | undefined;
  #wait = 0;
  #cooldown = 0;

  constructor(options: ReduceOptions = {}) {
    this.#options = { minDelta: 1e-4, ...options };
    this.#monitor = new Monitor('reduceLROnPlateau', this.#options);
  }

  setModel(model: AnyModel): void {
    this.#model = model;
  }

  onTrainBegin(): void {
    this.#monitor = new Monitor('reduceLROnPlateau', this.#options);
    this.#wait = 0;
    this.#cooldown = 0;
  }

  onEpochEnd(_epoch: number, logs: Logs): void {
    const { factor = 0.1, patience = 10, cooldown = 0, minLr = 0 } = this.#options;
    const value = this.#monitor.read(logs);
    if (value === undefined) return;
    if (this.#cooldown > 0) {
      this.#cooldown--;
      this.#wait = 0;
    }
    if (this.#monitor.isBest(value)) this.#wait = 0;
    else if (this.#cooldown === 0 && ++this.#wait >= patience) {
      const { optimizer } = this.#model!;
      if (optimizer.learningRate <= minLr) return;
      optimizer.learningRate = Math.max(optimizer.learningRate * factor, minLr);
      this.#cooldown = cooldown;
      this.#wait = 0;
    }
  }
}
