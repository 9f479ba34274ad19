/** A queue that does its work late: in order, but a few jobs at a time, each batch in a macrotask of its own. */
import type { Chance } from '../seeded.js';

/** Enqueued work, done in order on later macrotasks. */
export interface LateQueue {
  enqueue(job: () => void): void;
  /** Resolves some macrotasks from now, so that promises made in one order settle in another. */
  sometime(): Promise<void>;
}

/** An empty queue; chance decides how late each thing happens. */
export function createLateQueue(chance: Chance): LateQueue {
  const jobs: (() => void)[] = [];
  let awake = false;
  const pump = (): void => {
    for (const job of jobs.splice(0, chance.whole(1, 3))) job();
    awake = jobs.length > 0;
    if (awake) macrotask(pump);
  };
  return {
    enqueue(job): void {
      jobs.push(job);
      if (!awake) macrotask(pump);
      awake = true;
    },
    async sometime(): Promise<void> {
      for (let wait = chance.whole(1, 6); wait > 0; wait--) await new Promise<void>(macrotask);
    },
  };
}

/** Runs a task after the current one and all microtasks. Browsers have timers alone, which is slower and as good. */
function macrotask(task: () => void): void {
  if (typeof setImmediate === 'function') setImmediate(task);
  else setTimeout(task);
}
