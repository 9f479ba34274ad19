/** Training on the native backend in processes of its own: their end, their memory, and what they do without libraries. */
import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describeNative } from '../backends/native.js';
import { isThorough } from '../thorough.js';

interface Trained {
  readonly onednn: string;
  readonly loss: number;
  readonly added: number;
}

const flags = ['--conditions=@antler/source', '--import', new URL('../environment/sources.mjs', import.meta.url).href];
const program = fileURLToPath(new URL('native-train.ts', import.meta.url));

/** What the process said, which must be one line. */
function train(model: string, sizes: object, steps: number, environment: NodeJS.ProcessEnv = {}): Trained {
  const args = [...flags, '--expose-gc', program, model, JSON.stringify(sizes), String(steps)];
  const env = { ...process.env, ...environment };
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  expect([status, stderr]).toEqual([0, '']);
  const [line, ...more] = stdout.trimEnd().split('\n');
  // Not `still here`: the process has ended by itself.
  expect(more).toEqual([]);
  return JSON.parse(line!) as Trained;
}

const cnn = { side: 20, filters: 16, rate: 0 };

describeNative('a process that trains', () => {
  test('does without oneDNN, and learns the same', () => {
    const usual = train('cnn', cnn, 40);
    const without = train('cnn', cnn, 40, { ANTLER_WITHOUT_ONEDNN: '1' });
    expect(without.onednn).toBe('');
    expect(usual.loss).toBeLessThan(2.5);
    expect(Math.abs(without.loss / usual.loss - 1)).toBeLessThan(1e-3);
  });

  // After a quarter of the steps, in which V8 warms up, what is lost at every step would be seen from 2.8 KB on; from 1.1 KB on by the
  // thorough.
  test(
    `needs no more memory after ${isThorough ? '20,000' : '8,000'} steps`,
    () => {
      const { added } = train('mlp', isThorough ? {} : { features: 784, hidden: 128 }, isThorough ? 20_000 : 8000);
      expect(added).toBeLessThan(16 * 2 ** 20);
    },
    isThorough ? 1_200_000 : 120_000,
  );
});

test('a process without the addon says so in one line, and computes in JavaScript', () => {
  const args = [
    '--input-type=module',
    '--eval',
    `console.log(await (await import('antler')).tensor([1, 2]).add(1).array())`,
  ];
  const env = { ...process.env, ANTLER_ADDON: '/nowhere/Release/antler_load.node' };
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, ...args], { encoding: 'utf8', env });
  expect(stdout).toBe('[ 2, 3 ]\n');
  expect(stderr).toMatch(/^antler: native backend: .*not built: npm run build builds it.*slower\.\n$/);
});
