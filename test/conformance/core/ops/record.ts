/** What is written down of one public function: calls with their results, and calls that must be refused. */
import type * as core from '@antler/core';
import type { AntlerError, DType, Tensor } from '@antler/core';
import { expectThat } from '../../expect.js';
import { caseOf, checkLayouts, checkSamples, type Sample } from '../sample.js';
import type { CoreCase } from '../session.js';
import type { Values } from '../values.js';

/** A call that throws an error of this class, whose message names the function, what was expected and what came. */
export interface Refusal {
  readonly call: () => unknown;
  readonly kind: new (message: string) => AntlerError;
  /** Parts of the message: what was expected, what was received. */
  readonly says: readonly string[];
}

/** One function of the public interface. */
export interface OpRecord {
  readonly samples: readonly Sample[];
  readonly refuses?: readonly Refusal[];
  /** On numbers that some devices take for 0: a case of their own, so that it can be skipped. */
  readonly subnormal?: readonly Sample[];
}

/** A record for every public function of a module of core. A new function without one does not compile. */
export type Records<Module, Public = typeof core> = {
  readonly [N in keyof Module & keyof Public as Module[N] extends (...args: never) => unknown ? N : never]: OpRecord;
};

/** Whether a function that gives this makes tensors: one, a list, an object of them, or a promise of that. */
type IsMade<Result> = [Result] extends [never]
  ? false
  : [Result] extends [Tensor]
    ? true
    : Result extends Promise<infer Awaited>
      ? IsMade<Awaited>
      : Result extends readonly (infer Entry)[]
        ? IsMade<Entry>
        : [Result, keyof Result] extends [object, never]
          ? false
          : Result extends object
            ? [Result[keyof Result]] extends [Tensor]
              ? true
              : false
            : false;

/** Names of the functions of a module that make tensors. `scan` makes trees of them; `keep` gives back what it is given. */
export type MakerOf<Module> =
  | Exclude<
      {
        [N in keyof Module]: Module[N] extends (...args: never) => infer Result
          ? true extends IsMade<Result>
            ? N
            : never
          : never;
      }[keyof Module],
      'keep'
    >
  | Extract<keyof Module, 'scan'>;

/** A sample without a name of its own. */
export function call(
  f: Sample['f'],
  inputs: readonly Values[],
  expected: Values | readonly Values[],
  more: Pick<Sample, 'within' | 'signed' | 'around'> = {},
): Sample {
  const types = inputs.map(({ dtype, shape }) => `${dtype} [${shape.join(', ')}]`).join(', ');
  return { name: `${shortened(f.toString())} of (${types})`, f, inputs, expected, ...more };
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 100 ? `${line.slice(0, 97)}…` : line;
}

/** A refusal. */
export function refusal(call: () => unknown, kind: Refusal['kind'], ...says: readonly string[]): Refusal {
  return { call, kind, says };
}

/**
 * Cases out of records, one per function.
 * @param dtypes what they need besides those of their inputs and results
 * @param title the name of a case, out of that of its function
 */
export function casesOf(
  records: Readonly<Record<string, OpRecord>>,
  dtypes: readonly DType[] = [],
  title: (name: string) => string = (name) => name,
): CoreCase[] {
  const cases = Object.entries(records).map(([name, { samples, refuses = [] }]): CoreCase => ({
    name: title(name),
    dtypes,
    async run(session) {
      for (const one of refuses) checkRefusal(name, one, (f) => session.mode.compile(f)());
      await checkSamples(session, samples);
      // Views go into the loops around them where these are fused.
      if (session.mode.name === 'jit') await checkLayouts(session, samples);
    },
  }));
  const small = Object.values(records).flatMap(({ subnormal = [] }) => subnormal);
  return small.length === 0 ? cases : [...cases, caseOf('subnormal numbers', small)];
}

function checkRefusal(name: string, { call: refused, kind, says }: Refusal, run: (f: () => unknown) => unknown): void {
  let message: string | undefined;
  try {
    run(refused);
  } catch (error) {
    if (!(error instanceof kind)) throw error;
    message = error.message;
  }
  const what = shortened(refused.toString());
  expectThat(message !== undefined, `${what}: expected a ${kind.name}, received none`);
  const parts = [`${name}: expected `, ', received ', ...says];
  const missing = parts.filter((part) => !message.includes(part));
  expectThat(missing.length === 0, `${what}: expected ${JSON.stringify(missing)} in ${JSON.stringify(message)}`);
}
