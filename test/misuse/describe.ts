/** What a misuse is: a line of user code, and the typed error with which that very line must answer. */
import { expect, test } from '@jest/globals';
import type { AntlerError } from '@antler/core';

/** One way to get it wrong. */
export interface Misuse {
  readonly name: string;
  readonly error: new (message: string) => AntlerError;
  /** The whole message: function, what it expected, what it received, and what to do. `…` stands for a list that grows. */
  readonly message: string;
  readonly run: () => unknown;
  /** Line on which this case begins. */
  readonly line: number;
}

/** Describes a misuse; called once per case, so that the case knows its own lines. */
export function misuse(
  name: string,
  error: new (message: string) => AntlerError,
  message: string,
  run: () => unknown,
): Misuse {
  return { name, error, message, run, line: userLine(new Error('here')) };
}

/** Every message has this form. */
const form = /^[\w.()?: -]+: expected .+, received .+\.( |$)/s;

/** Registers a test per case. `lastLine` ends the table. */
export function describeMisuses(cases: readonly Misuse[], lastLine: number): void {
  cases.forEach(({ name, error, message, run, line }, i) => {
    test(name, async () => {
      const thrown = await failureOf(run);
      expect(thrown).toBeInstanceOf(error);
      const [start, end] = message.split('…') as [string, string?];
      if (end === undefined) expect(thrown.message).toBe(message);
      else expect([thrown.message.slice(0, start.length), thrown.message.slice(-end.length)]).toEqual([start, end]);
      expect(thrown.message).toMatch(form);
      const at = userLine(thrown);
      expect(at).toBeGreaterThanOrEqual(line);
      expect(at).toBeLessThan(cases[i + 1]?.line ?? lastLine);
    });
  });
}

/** What running it throws or rejects with; stacks are as deep as Node makes them by default. */
async function failureOf(run: () => unknown): Promise<Error> {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 10;
  try {
    await run();
  } catch (error) {
    return error as Error;
  } finally {
    Error.stackTraceLimit = limit;
  }
  throw new Error('expected it to throw, and it did not');
}

/** Line of the first frame that is neither in the library nor here: the user's. */
function userLine({ stack = '' }: Error): number {
  const frames = stack.split('\n').filter((line) => /^\s*at /.test(line));
  const own = frames.find((line) => !/[/\\]packages[/\\]|misuse[/\\]describe|node:|native|<anonymous>/.test(line));
  return Number(/:(\d+):\d+\)?$/.exec(own ?? '')?.[1]);
}
