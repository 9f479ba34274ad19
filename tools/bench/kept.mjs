// Results between runs: a table of many models is measured a few at a time, and the page is written from all of them.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../setup/setup.mjs';

/**
 * Adds results to those of earlier runs, in place of what had the same key, and gives all of them.
 *
 * @template T
 * @param {string} table
 * @param {readonly T[]} results
 * @param {(result: T) => string} keyOf
 * @returns {readonly T[]}
 */
export function kept(table, results, keyOf) {
  const path = join(root, 'node_modules', '.cache', 'antler-bench', `${table}.json`);
  /** @type {T[]} */
  const before = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : [];
  const all = new Map([...before, ...results].map((result) => [keyOf(result), result]));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify([...all.values()]));
  return [...all.values()];
}
