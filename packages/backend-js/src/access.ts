/**
 * Moving elements between memory and registers. Floats and integers have a routine each although the text is the same:
 * V8 compiles a routine for at most four kinds of typed array before it falls back to one that is twenty times slower.
 */
import { dtypes, halves, isHalf, type DType, type HalfFormat, type TypedArray } from '@antler/core';
import type { Lanes } from './axes.js';

/** Family of dtypes that share routines. */
export type Kind = (typeof dtypes)[DType]['kind'];

/** Where a tile lies: its first element, and the others from there. */
export interface Tile {
  readonly memory: TypedArray;
  readonly base: number;
  readonly lanes: Lanes;
}

/** `register[i] = memory[base + lane i]` for a load, the other way round for a store. */
export type Access = (register: TypedArray, count: number, tile: Tile) => void;

/** From how many neighbours on a block copy is faster than a loop. */
const blockCopy = 48;

const loadFloats: Access = (register, count, { memory, base, lanes: { stride, table } }) => {
  if (table !== null) for (let i = 0; i < count; i++) register[i] = memory[base + table[i]!]!;
  else if (stride === 1 && count >= blockCopy) register.set(memory.subarray(base, base + count));
  else for (let i = 0; i < count; i++) register[i] = memory[base + i * stride]!;
};

const loadIntegers: Access = (register, count, { memory, base, lanes: { stride, table } }) => {
  if (table !== null) for (let i = 0; i < count; i++) register[i] = memory[base + table[i]!]!;
  else if (stride === 1 && count >= blockCopy) register.set(memory.subarray(base, base + count));
  else for (let i = 0; i < count; i++) register[i] = memory[base + i * stride]!;
};

const storeFloats: Access = (register, count, { memory, base, lanes: { stride, table } }) => {
  if (table !== null) for (let i = 0; i < count; i++) memory[base + table[i]!] = register[i]!;
  else if (stride === 1 && count >= blockCopy) memory.set(register.subarray(0, count), base);
  else for (let i = 0; i < count; i++) memory[base + i * stride] = register[i]!;
};

const storeIntegers: Access = (register, count, { memory, base, lanes: { stride, table } }) => {
  if (table !== null) for (let i = 0; i < count; i++) memory[base + table[i]!] = register[i]!;
  else if (stride === 1 && count >= blockCopy) memory.set(register.subarray(0, count), base);
  else for (let i = 0; i < count; i++) memory[base + i * stride] = register[i]!;
};

/** From memory to a register. */
export function loadOf(dtype: DType): Access {
  return dtypes[dtype].kind === 'float' ? loadFloats : loadIntegers;
}

/** From a register to memory. */
export function storeOf(dtype: DType): Access {
  return dtypes[dtype].kind === 'float' ? storeFloats : storeIntegers;
}

/** A register of a dtype. Numbers of 16 bits are kept in doubles, so that they are rounded once, by `rounderOf`. */
export function registerOf(dtype: DType, length: number): TypedArray {
  return isHalf(dtype) ? new Float64Array(length) : new dtypes[dtype].array(length);
}

/** Rounds the first `n` elements of a register. */
export type Rounder = (register: TypedArray, n: number) => void;

const rounderOfHalves =
  ({ round }: HalfFormat): Rounder =>
  (register, n) => {
    for (let i = 0; i < n; i++) register[i] = round(register[i]!);
  };

/** What remains to do when numbers of a dtype have been stored in a register; null where storing them was all. */
export function rounderOf(dtype: DType): Rounder | null {
  return isHalf(dtype) ? rounderOfHalves(halves[dtype]) : null;
}
