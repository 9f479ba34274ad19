// A process of its own on some of the processors: it prints lines of JSON, the last of which is its result.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * How many threads it may use, and on how many processors (as many as threads, unless said).
 * @typedef {{ threads: number, environment?: Record<string, string> | undefined, seconds?: number, onLine?: () => void }} Room
 */

/** What a process is started with, so that it keeps to its threads and processors. @param {readonly string[]} command @param {Room} room */
export function confined(command, { threads, environment = {} }) {
  const processors = threads === 1 ? '0' : `0-${threads - 1}`;
  return {
    command: ['taskset', '-c', processors, ...command],
    environment: {
      ...process.env,
      OMP_NUM_THREADS: String(threads),
      ANTLER_NUM_THREADS: String(threads),
      ...environment,
    },
  };
}

/**
 * Runs it to its end. Throws with its last word when it fails, or takes longer than it may.
 *
 * @template T
 * @param {readonly string[]} command
 * @param {Room} room
 * @returns {Promise<T>} what its last line says
 */
export async function resultOf(command, room) {
  const { seconds = 120, onLine = () => {} } = room;
  const { command: whole, environment } = confined(command, room);
  const child = spawn(whole[0] ?? '', whole.slice(1), { env: environment, timeout: seconds * 1000 });
  let [last, errors] = ['', ''];
  child.stderr.on('data', (text) => (errors = `${errors}${text}`.slice(-2000)));
  createInterface({ input: child.stdout }).on('line', (line) => {
    last = line;
    onLine();
  });
  /** @type {[number | null, string | null]} */
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (...end) => resolve(end));
  });
  if (code === 0) {
    /** @type {T} */
    const result = JSON.parse(last);
    return result;
  }
  const word = signal === null ? lastWord(errors) : `ended by ${signal} after at most ${seconds} s`;
  throw new Error(`${command[1] ?? ''}: ${word}`);
}

/** The line that tells most of what a failing process printed: that of its error, else the last. @param {string} errors */
export function lastWord(errors) {
  const lines = errors.trim().split('\n');
  return (lines.findLast((line) => /\w*Error:/.test(line)) ?? lines.at(-1) ?? '').replace(/^Error: /, '');
}
