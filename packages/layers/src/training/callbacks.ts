/** Callbacks: what runs at the events of `fit`, `evaluate` and `predict`. They may be async; training waits for them. */
import type { AnyModel } from '../model.js';
import type { BatchLogs, Logs } from './logs.js';

type Done = void | Promise<void>;

/**
 * Hooks, all optional. A plain object will do.
 *
 * @example
 * await model.fit(x, y, { callbacks: [{ onEpochEnd: (epoch, logs) => console.log(epoch, logs.loss) }] });
 */
export interface Callback {
  /** True when batch hooks want `logs.numbers`; every step is then read, which is slower. */
  readonly batchLogs?: boolean;
  /** Called first, with the model that is about to train or to be evaluated. */
  setModel?(model: AnyModel): void;
  onTrainBegin?(): Done;
  onTrainEnd?(logs: Logs): Done;
  onEpochBegin?(epoch: number): Done;
  onEpochEnd?(epoch: number, logs: Logs): Done;
  onTrainBatchBegin?(batch: number): Done;
  onTrainBatchEnd?(batch: number, logs: BatchLogs): Done;
  onTestBegin?(): Done;
  onTestEnd?(logs: Logs): Done;
  onTestBatchBegin?(batch: number): Done;
  onTestBatchEnd?(batch: number, logs: BatchLogs): Done;
  onPredictBegin?(): Done;
  onPredictEnd?(): Done;
  onPredictBatchBegin?(batch: number): Done;
  onPredictBatchEnd?(batch: number): Done;
}

type Hook = Exclude<keyof Callback, 'batchLogs' | 'setModel'>;

/** Several callbacks as one; calls them in order and waits for each. */
export class CallbackList {
  readonly #callbacks: readonly Callback[];
  /** True when some callback wants the numbers of every step. */
  readonly batchLogs: boolean;

  constructor(callbacks: readonly Callback[], model: AnyModel) {
    this.#callbacks = callbacks;
    this.batchLogs = callbacks.some((callback) => callback.batchLogs === true);
    for (const callback of callbacks) callback.setModel?.(model);
  }

  /** Runs one hook of all callbacks; undefined, so that nobody waits, when none has it. */
  run<H extends Hook>(hook: H, ...values: Parameters<NonNullable<Callback[H]>>): Promise<void> | undefined {
    const interested = this.#callbacks.filter((callback) => callback[hook] !== undefined);
    return interested.length === 0 ? undefined : runAll(interested, hook, values);
  }
}

async function runAll(callbacks: readonly Callback[], hook: Hook, values: readonly unknown[]): Promise<void> {
  for (const callback of callbacks) {
    await (callback[hook] as (this: Callback, ...values: readonly unknown[]) => Done).call(callback, ...values);
  }
}
