// A contestant: a process of its own that trains one benchmark model, and answers one line for each line that it gets.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** @typedef {{ ready?: Record<string, string>, ms?: number[], loss?: number, error?: string }} Answer */

/**
 * How a contestant is started, and what it is asked for: single steps, or passes of `fit`.
 * @typedef {{ name: string, command: readonly string[], asks: 'step' | 'fit', environment?: Record<string, string> }} Entry
 */

/** A running contestant. */
export class Contestant {
  /** @type {Entry} */
  entry;
  /** Versions of its libraries, once it is ready. @type {Record<string, string>} */
  versions = {};
  #threads;
  /** @type {import('node:child_process').ChildProcessWithoutNullStreams | undefined} */
  #process;
  /** @type {AsyncIterator<string> | undefined} */
  #lines;
  #errors = '';

  /**
   * @param {Entry} entry
   * @param {number} threads how many processors it may use
   */
  constructor(entry, threads) {
    this.entry = entry;
    this.#threads = threads;
  }

  /** Starts it and waits until it is ready. Throws with what it printed when it cannot start. */
  async start() {
    const { entry } = this;
    const threads = this.#threads;
    const [command, ...rest] = entry.command;
    const processors = threads === 1 ? '0' : `0-${threads - 1}`;
    this.#process = spawn('taskset', ['-c', processors, command ?? '', ...rest], {
      env: {
        ...process.env,
        OMP_NUM_THREADS: String(threads),
        ANTLER_NUM_THREADS: String(threads),
        ...entry.environment,
      },
    });
    this.#process.stderr.on('data', (text) => (this.#errors = `${this.#errors}${text}`.slice(-2000)));
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
    const { ready } = await this.#answer();
    this.versions = ready ?? {};
  }

  /** @param {'step' | 'fit' | 'check'} command @param {number} count @returns {Promise<{ ms: number[], loss: number }>} */
  async ask(command, count) {
    this.#process?.stdin.write(`${JSON.stringify({ command, count })}\n`);
    const { ms = [], loss = NaN, error } = await this.#answer();
    if (error !== undefined) throw new Error(`${this.entry.name}: ${error}`);
    return { ms, loss };
  }

  /** Lets it go. */
  async stop() {
    const process = this.#process;
    if (process === undefined) return;
    const gone = new Promise((resolve) => process.once('exit', resolve));
    process.stdin.end();
    if (process.exitCode === null && process.signalCode === null) await gone;
  }

  /** @returns {Promise<Answer>} */
  async #answer() {
    const line = await this.#lines?.next();
    if (line !== undefined && line.done !== true) {
      const answer = /** @type {Answer} */ (JSON.parse(line.value));
      return answer;
    }
    const words = this.#errors.trim().split('\n').at(-1);
    throw new Error(`${this.entry.name} ended: ${words ?? 'without a word'}`);
  }
}
