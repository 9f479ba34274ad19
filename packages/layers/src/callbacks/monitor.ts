/** Monitors: which number of the logs a callback watches, and whether more of it is better. */
import { ValueError, describe } from '@antler/core';
import type { Logs } from '../training/logs.js';

/** Whether small or large numbers are good; `auto` takes accuracies and the like as large. */
export type MonitorMode = 'auto' | 'min' | 'max';

/** What is watched. */
export interface MonitorOptions {
  /** A name in the logs. Default `val_loss`. */
  readonly monitor?: string;
  /** Default auto. */
  readonly mode?: MonitorMode;
  /** A smaller change is no improvement. */
  readonly minDelta?: number;
}

/** Names whose numbers are good when they are large. */
const largeIsGood = /(acc|accuracy|auc|precision|recall|f1_score|iou)$/;

/** Keeps the best number so far. */
export class Monitor {
  readonly name: string;
  best: number | undefined;
  readonly #where: string;
  readonly #sign: 1 | -1;
  readonly #minDelta: number;
  #hasWarned = false;

  constructor(where: string, { monitor = 'val_loss', mode = 'auto', minDelta = 0 }: MonitorOptions) {
    if (!['auto', 'min', 'max'].includes(mode)) {
      throw new ValueError(describe(`${where}: mode`, 'auto, min or max', JSON.stringify(mode)));
    }
    this.name = monitor;
    this.#where = where;
    this.#sign = (mode === 'auto' ? largeIsGood.test(monitor) : mode === 'max') ? 1 : -1;
    this.#minDelta = Math.abs(minDelta);
  }

  /** The number in the logs; says once when there is none, since validation may be rarer than epochs. */
  read(logs: Logs): number | undefined {
    const value = logs[this.name];
    if (value === undefined && !this.#hasWarned) {
      this.#hasWarned = true;
      console.warn(`${this.#where}: the logs have no ${this.name}, only ${Object.keys(logs).join(', ')}.`);
    }
    return value;
  }

  /** True when a number is better than another by more than the least change; any is better than none. */
  improves(value: number, than: number | undefined): boolean {
    return than === undefined || this.#sign * (value - than) > this.#minDelta;
  }

  /** Notes a number; true when it is the best so far. */
  isBest(value: number): boolean {
    if (!this.improves(value, this.best)) return false;
    this.best = value;
    return true;
  }
}
