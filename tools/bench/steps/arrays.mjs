// The arrays of a benchmark model in a folder that contestants in any language read: one file of raw numbers, one of places.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Batches of `fit`: enough that its beginning and end weigh little. */
const fitted = 60;

/**
 * An array in `arrays.bin`: `offset` in bytes; float32, or int32 for whole numbers.
 * @typedef {{ shape: readonly number[], dtype: 'float32' | 'int32', offset: number }} Place
 * @typedef {{ batch: number, batches: number, x: Place, y: Place, weights: Record<string, Place[]> }} Manifest
 */

/**
 * Writes `arrays.bin` and `manifest.json`. x and y hold `batches` batches, of which a step uses the first.
 *
 * @param {string} folder
 * @param {import('./models.mjs').ModelSpec} spec
 * @param {number} [batches]
 * @returns {Manifest}
 */
export function writeArrays(folder, { batch, x, y, weights }, batches = fitted) {
  /** @type {(Float32Array | Int32Array)[]} */
  const parts = [];
  let offset = 0;
  const random = generator(1);
  /** @param {import('./models.mjs').ArraySpec} spec @param {readonly number[]} [rows] @returns {Place} */
  const add = ({ shape, fill, uniform, below, ones }, rows = []) => {
    const whole = [...rows, ...shape];
    const length = whole.reduce((product, size) => product * size, 1);
    const array = below === undefined ? new Float32Array(length) : new Int32Array(length);
    for (let i = 0; i < length; i++) {
      array[i] = below !== undefined ? Math.floor(random() * below) : (fill ?? (2 * random() - 1) * (uniform ?? 0));
    }
    if (ones !== undefined) array.fill(1, ...ones);
    const place = { shape: whole, dtype: below === undefined ? 'float32' : 'int32', offset };
    parts.push(array);
    offset += array.byteLength;
    return /** @type {Place} */ (place);
  };
  const manifest = {
    batch,
    batches,
    x: add(x, [batch * batches]),
    y: add(y, [batch * batches]),
    weights: Object.fromEntries(Object.entries(weights).map(([name, specs]) => [name, specs.map((one) => add(one))])),
  };
  writeFileSync(join(folder, 'arrays.bin'), Buffer.concat(parts.map((part) => Buffer.from(part.buffer))));
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  return manifest;
}

/**
 * What `writeArrays` wrote.
 * @typedef {{ shape: readonly number[], dtype: 'float32' | 'int32', data: Float32Array | Int32Array }} HostArray
 *
 * @param {string} folder
 * @returns {{ batch: number, batches: number, x: HostArray, y: HostArray, weights: Record<string, HostArray[]> }}
 */
export function readArrays(folder) {
  const { batch, batches, x, y, weights } = /** @type {Manifest} */ (
    JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
  );
  const { buffer } = new Uint8Array(readFileSync(join(folder, 'arrays.bin')));
  /** @param {Place} place @returns {HostArray} */
  const array = ({ shape, dtype, offset }) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const data = dtype === 'int32' ? new Int32Array(buffer, offset, length) : new Float32Array(buffer, offset, length);
    return { shape, dtype, data };
  };
  const named = Object.entries(weights).map(([name, places]) => [name, places.map(array)]);
  return { batch, batches, x: array(x), y: array(y), weights: Object.fromEntries(named) };
}

/** The first rows. @param {HostArray} whole @param {number} count @returns {HostArray} */
export function firstRows({ shape: [rows = 1, ...row], dtype, data }, count) {
  return { shape: [count, ...row], dtype, data: data.subarray(0, (data.length / rows) * count) };
}

/** Uniform numbers in [0, 1) (mulberry32), the same on every machine. @param {number} seed */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
