/** What a bundle holds: a program pays for what it uses. */
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from '../setup/setup.mjs';
import { bundle } from '../size/bundle.mjs';

test('a small classifier bundles no factorization, no recurrence and no layer that it has not', async () => {
  const { parts } = await bundle(join(root, 'tools', 'size', 'mlp.ts'), root);
  const paths = parts.filter(({ bytes }) => bytes > 0).map(({ path }) => path);
  expect(paths).toContain('packages/core/src/ops/composites/softmax.ts');
  expect(paths).toContain('packages/layers/src/layers/dense.ts');
  const unused =
    /ops\/(algorithms\/|hostComposites|composites\/(attention|normalization|recurrent))|layers\/(conv|pooling|recurr|multiHead)/;
  expect(paths.filter((path) => unused.test(path))).toEqual([]);
});
