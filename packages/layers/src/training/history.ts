/** History: what `fit` returns, the logs of every epoch. */
import type { Callback } from './callbacks.js';
import type { Logs } from './logs.js';

/** Epoch numbers and, for each name in the logs, one number per epoch. */
export class History implements Callback {
  readonly epoch: number[] = [];
  readonly history: Record<string, number[]> = {};

  onEpochEnd(epoch: number, logs: Logs): void {
    this.epoch.push(epoch);
    for (const [name, value] of Object.entries(logs)) (this.history[name] ??= []).push(value);
  }
}
