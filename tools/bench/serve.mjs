// What contestants in JavaScript share: the lines that they exchange with the referee (see steps/contestant.mjs).

import { createInterface } from 'node:readline';

/** @typedef {import('./steps/contestant.mjs').Numbers} Numbers */

/**
 * Answers the referee until it hangs up.
 *
 * @param {Record<string, string>} versions of the libraries
 * @param {Record<string, (count: number) => Promise<Numbers>>} commands
 */
export async function serve(versions, commands) {
  /** @param {object} value */
  const answer = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
  answer({ ready: versions });
  for await (const line of createInterface({ input: process.stdin })) {
    const { command, count } = /** @type {{ command: string, count: number }} */ (JSON.parse(line));
    try {
      answer((await commands[command]?.(count)) ?? { error: `no command '${command}'` });
    } catch (error) {
      answer({ error: String(error).replace(/^Error: /, '') });
    }
  }
}

/**
 * Milliseconds of each of `count` steps, and the last one's loss.
 *
 * @param {number} count
 * @param {() => Promise<number>} step
 * @param {() => number} [now] a clock in milliseconds
 * @returns {Promise<{ ms: number[], loss?: number }>}
 */
export async function timed(count, step, now = () => performance.now()) {
  const ms = [];
  let loss = NaN;
  for (let i = 0; i < count; i++) {
    const start = now();
    loss = await step();
    ms.push(now() - start);
  }
  return { ms, ...(Number.isFinite(loss) && { loss }) };
}
