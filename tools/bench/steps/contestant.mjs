// A contestant: a process of its own that runs one benchmark model, and answers one line for each line that it gets.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { confined, lastWord } from '../child.mjs';

/**
 * Milliseconds of what was asked for, the last loss or the outputs, the bytes that memory grew by since the
 * libraries were loaded, or how many batches a pass of `fit` had.
 * @typedef {{ ms?: number[], loss?: number, outputs?: number[], bytes?: number, batches?: number }} Numbers
 *
 * @typedef {Numbers & { ready?: Record<string, string>, error?: string }} Answer
 */

/**
 * How a contestant is started, and what it is asked for: single steps, or passes of `fit`.
 * @typedef {{ name: string, command: readonly string[], asks: 'step' | 'fit', environment?: Record<string, string> | undefined }} Entry
 */

/** A running contestant. */
export class Contestant {
  /** @type {Entry} */
  entry;
  /** Versions of its libraries, once it is ready. @type {Record<string, string>} */
  versions = {};
  #process;
  #lines;
  #errors = '';

  /**
   * @param {Entry} entry
   * @param {number} threads how many processors it may use
   */
  constructor(entry, threads) {
    this.entry = entry;
    const { command, environment } = confined(entry.command, { threads, environment: entry.environment });
    this.#process = spawn(command[0] ?? '', command.slice(1), { env: environment });
    this.#process.stderr.on('data', (text) => (this.#errors = `${this.#errors}${text}`.slice(-2000)));
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Waits until it is ready. Throws with what it printed when it cannot start. */
  async start() {
    const { ready } = await this.#answer(120);
    this.versions = ready ?? {};
  }

  /** @param {'step' | 'fit' | 'check' | 'memory'} command @param {number} [count] @param {number} [seconds] that it may take @returns {Promise<Required<Numbers>>} */
  async ask(command, count = 1, seconds = 120) {
    this.#process.stdin.write(`${JSON.stringify({ command, count })}\n`);
    const { ms = [], loss = NaN, outputs = [], bytes = NaN, batches = 0, error } = await this.#answer(seconds);
    if (error !== undefined) throw new Error(error);
    return { ms, loss, outputs, bytes, batches };
  }

  /** Lets it go. */
  async stop() {
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.stdin.end();
    if (this.#process.exitCode === null && this.#process.signalCode === null) await gone;
  }

  /** @param {number} seconds @returns {Promise<Answer>} */
  async #answer(seconds) {
    const limit = setTimeout(() => this.#process.kill('SIGKILL'), seconds * 1000);
    const start = performance.now();
    /** @type {IteratorResult<string>} */
    const line = await this.#lines.next();
    clearTimeout(limit);
    if (line.done !== true) {
      const answer = /** @type {Answer} */ (JSON.parse(line.value));
      return answer;
    }
    if (performance.now() - start >= seconds * 1000) throw new Error(`took longer than ${seconds} s`);
    throw new Error(lastWord(this.#errors) || `${this.entry.name} ended without a word`);
  }
}
