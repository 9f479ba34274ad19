/** Two copies of core in one process: the second one refuses to work, and says what to do. */
import { expect, jest, test } from '@jest/globals';

test('a second copy of core', async () => {
  const first = await import('@antler/core');
  jest.resetModules();
  const second = await import('@antler/core');
  expect(second.Tensor).not.toBe(first.Tensor);
  expect(first.tensor([1]).add(1).shape).toEqual([1]);
  // To import it is no harm, to use it is.
  expect(() => second.tensor([1])).toThrow(
    '@antler/core: expected one copy of it in the process, received a second one. ' +
      'Let all packages depend on one version: `npm ls @antler/core` shows which do not.',
  );
  expect(() => second.zeros([1])).toThrow('a second one');
  expect(first.tensor([1]).add(1).shape).toEqual([1]);
});
