/** One pass over a source: batches in, steps enqueued, logs read now and then without draining the queue. */
import { checkFaults, throttle } from '@antler/core';
import { Turns } from '../host.js';
import type { CallbackList } from './callbacks.js';
import type { CompiledStep } from './compilation.js';
import type { BatchSource } from './dataAdapter.js';
import type { BatchLogs, Logs } from './logs.js';
import type { ProgressLine } from './progress.js';

/** What a pass needs. */
export interface Pass {
  readonly source: BatchSource;
  readonly epoch: number;
  /** Steps that were taken before, when training is resumed. Default 0. */
  readonly fromStep?: number;
  readonly step: Pick<CompiledStep, 'run'>;
  readonly callbacks: CallbackList;
  readonly kind: 'Train' | 'Test';
  readonly progress: ProgressLine | undefined;
  /** Asked after every step. */
  readonly shouldStop: () => boolean;
  /** Told the number of steps done, before callbacks are. */
  readonly advanced?: (steps: number) => void;
}

/** Runs all steps and reads the logs of the last; undefined when there was none left. */
export async function runPass(pass: Pass): Promise<Logs | undefined> {
  const { source, epoch, fromStep = 0, step, callbacks, kind, progress, shouldStop, advanced } = pass;
  const reader = new LogReader(progress);
  let last: BatchLogs | undefined;
  /** True when a callback may have kept the logs. */
  let isShown = false;
  let count = fromStep;
  const turns = new Turns();
  for await (const batch of source.batches(epoch, fromStep)) {
    const beginning = callbacks.run(`on${kind}BatchBegin`, count);
    if (beginning !== undefined) await beginning;
    if (!isShown) last?.forget();
    last = step.run(batch);
    const waiting = throttle();
    if (waiting !== undefined) await waiting;
    if (callbacks.batchLogs) await last.read();
    advanced?.(count + 1);
    const ending = callbacks.run(`on${kind}BatchEnd`, count, last);
    isShown = ending !== undefined;
    if (isShown) await ending;
    count++;
    progress?.advance(count);
    reader.offer(count, last);
    const turn = turns.next();
    if (turn !== undefined) await turn;
    if (shouldStop()) break;
  }
  await reader.settle();
  await checkFaults();
  return last?.read();
}

/** Milliseconds between two looks at the logs. */
const INTERVAL = 50;

/** Reads logs at most every 50 ms, beside the running steps; a failure surfaces with the next step. */
class LogReader {
  readonly #progress: ProgressLine | undefined;
  #lastLook: number = performance.now();
  #reading: Promise<void> | undefined;
  #failures: unknown[] = [];

  constructor(progress: ProgressLine | undefined) {
    this.#progress = progress;
  }

  offer(step: number, logs: BatchLogs): void {
    this.#rethrow();
    const now = performance.now();
    if (now - this.#lastLook < INTERVAL) return;
    this.#lastLook = now;
    this.#reading ??= this.#read(step, logs);
  }

  /** Waits for a reading that is under way. */
  async settle(): Promise<void> {
    await this.#reading;
    this.#rethrow();
  }

  async #read(step: number, logs: BatchLogs): Promise<void> {
    try {
      await checkFaults();
      if (this.#progress?.isLive === true) this.#progress.draw(step, await logs.read());
    } catch (error) {
      this.#failures.push(error);
    } finally {
      this.#reading = undefined;
    }
  }

  #rethrow(): void {
    if (this.#failures.length > 0) throw this.#failures[0];
  }
}
