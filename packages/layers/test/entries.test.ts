/** Each namespace of the package is an entry of its own too, which bundlers can take apart: with the same members. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import * as core from '@antler/core';
import * as random from '@antler/core/random';
import * as layers from '@antler/layers';

type Namespaces = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const file = new URL('../package.json', import.meta.url);
const { exports } = JSON.parse(readFileSync(file, 'utf8')) as { exports: Readonly<Record<string, unknown>> };
const names = Object.keys(exports).flatMap((entry) => (entry === '.' ? [] : [entry.slice('./'.length)]));

test.each(names)('@antler/layers/%s', async (name) => {
  const entry = (await import(`@antler/layers/${name}`)) as Readonly<Record<string, unknown>>;
  expect({ ...entry }).toEqual({ ...(layers as unknown as Namespaces)[name] });
});

test('every namespace has one', () => {
  const isNamespace = (value: unknown): boolean => Object.prototype.toString.call(value) === '[object Module]';
  const namespaces = Object.entries(layers).flatMap(([name, value]) => (isNamespace(value) ? [name] : []));
  expect(namespaces.sort()).toEqual(names.sort());
});

test('@antler/core/random', () => {
  expect({ ...random }).toEqual({ ...core.random });
});
