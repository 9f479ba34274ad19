/** Functions from text, each made once. Under a content security policy that forbids this there are none. */
import { halves, type TypedArray } from '@antler/core';
import { integerPower, logistic, power, roundHalfEven } from '../scalar.js';
import { threefry } from '../threefry.js';

/** A kernel as a function: the program's arrays, the numbers in which kernels of one text differ, and the scalars. */
export type Generated = (arrays: readonly TypedArray[], numbers: Int32Array, scalars: Float64Array) => void;

/** What the text may call. `Math` is among it, for where globals are slow: in the sandboxes of test runners. */
const known: Readonly<Record<string, unknown>> = {
  Math,
  round: roundHalfEven,
  logistic,
  power,
  integerPower,
  threefry,
  roundFloat16: halves.float16.round,
  roundBfloat16: halves.bfloat16.round,
};

/** Remembers as many functions as given, those used last, by their text. One has a few kilobytes. */
export class Functions {
  readonly #made = new Map<string, Generated>();
  readonly #erf: () => (x: number) => number;
  readonly #capacity: number;

  /** @param erf gives the error function, which a bundle may lack */
  constructor(erf: () => (x: number) => number, capacity = 1000) {
    this.#erf = erf;
    this.#capacity = capacity;
  }

  /** The function whose body is `text`. V8 specializes it to its kinds of arrays, so the text has to say them. */
  get(text: string): Generated {
    const made = this.#made.get(text) ?? this.#make(text);
    this.#made.delete(text);
    this.#made.set(text, made);
    const [oldest] = this.#made.keys();
    if (this.#made.size > this.#capacity) this.#made.delete(oldest!);
    return made;
  }

  #make(text: string): Generated {
    const helpers = text.includes('erf(') ? { ...known, erf: this.#erf() } : known;
    const factory = new Function(...Object.keys(helpers), `'use strict';\n${text}`);
    return (factory as (...values: unknown[]) => Generated)(...Object.values(helpers));
  }
}

/** Whether this realm lets text become a function. */
export function canGenerate(): boolean {
  try {
    return (new Function('return true') as () => boolean)();
  } catch {
    return false;
  }
}
