/** Memory: a model that is let go leaves nothing, whether its training ended or was interrupted. */
import { expect, test } from '@jest/globals';
import { runProcess } from './run.js';

test('a model that is let go leaves nothing', async () => {
  const out = await runProcess(new URL('forgotten.ts', import.meta.url));
  const { before, after, left } = JSON.parse(out) as Record<string, unknown>;
  expect(left).toBe(0);
  expect(after).toEqual(before);
}, 60_000);
