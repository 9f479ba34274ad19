/** Composites are told apart by their names: in the keys of graphs, and by backends. */
import { readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';

interface Named {
  readonly name: string;
}

const sources = new URL('../src/ops/', import.meta.url);

/** True for what a node of the primitive `composite` is made of. */
function isDefinition(x: unknown): x is Named {
  return typeof x === 'object' && x !== null && ('decompose' in x || 'host' in x);
}

async function definitions(): Promise<(readonly [exported: string, definition: Named])[]> {
  const files = readdirSync(new URL('composites/', sources)).map((file) => `composites/${file}`);
  const all: (readonly [string, Named])[] = [];
  for (const file of [...files, 'hostComposites.ts']) {
    const module = (await import(new URL(file, sources).href)) as Readonly<Record<string, unknown>>;
    for (const [exported, x] of Object.entries(module)) if (isDefinition(x)) all.push([exported, x]);
  }
  return all;
}

test('every composite has a name of its own, that of its export', async () => {
  const all = await definitions();
  expect(all.length).toBeGreaterThan(30);
  expect(all.filter(([exported, { name }]) => name !== exported)).toEqual([]);
  const names = all.map(([, { name }]) => name);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});
