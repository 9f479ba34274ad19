/** Memory: a model that is let go leaves nothing, whether its training ended or was interrupted. */
import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

test('a model that is let go leaves nothing', () => {
  const flags = [
    '--conditions=@antler/source',
    '--expose-gc',
    '--import',
    new URL('./register.mjs', import.meta.url).href,
  ];
  const program = fileURLToPath(new URL('forgotten.ts', import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, program], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const { before, after, left } = JSON.parse(stdout) as Record<string, unknown>;
  expect(left).toBe(0);
  expect(after).toEqual(before);
}, 60_000);
