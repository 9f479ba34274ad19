/** Contests of whole training steps: the arrays that all contestants read, their protocol, and what is made of their times. */
import { expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resultOf } from '../bench/child.mjs';
import { transposed } from '../bench/latency/onnx.mjs';
import { boundedCheck, boundedPasses } from '../bench/peers/bounded.mjs';
import { writeArrays } from '../bench/steps/arrays.mjs';
import { contest, disagreeing } from '../bench/steps/contest.mjs';
import { models } from '../bench/steps/models.mjs';
import { sections } from '../bench/steps/report.mjs';

/** A contestant that takes the times and has the losses that it was told; `broken` ends at once. */
const contestant = (ms: number, loss: number): string => `
  import { createInterface } from 'node:readline';
  console.log(JSON.stringify({ ready: { toy: '1.0' } }));
  for await (const line of createInterface({ input: process.stdin })) {
    const { command, count } = JSON.parse(line);
    if (command === 'fit') console.log(JSON.stringify({ error: 'no fit' }));
    else console.log(JSON.stringify({ ms: Array(count).fill(${ms}), loss: ${loss} }));
  }`;

test('arrays lie where the manifest says, and are the same each time', () => {
  const folder = mkdtempSync(join(tmpdir(), 'antler-arrays-'));
  const manifest = writeArrays(folder, models.lstm!);
  const bytes = readFileSync(join(folder, 'arrays.bin'));
  const [kernel, , bias] = manifest.weights.recurrent!;
  expect(kernel!.shape).toEqual([32, 512]);
  const biases = new Float32Array(bytes.buffer, bytes.byteOffset + bias!.offset, 512);
  expect([biases[127], biases[128], biases[255], biases[256]]).toEqual([0, 1, 1, 0]);
  const labels = new Int32Array(bytes.buffer, bytes.byteOffset + manifest.y.offset, 64 * manifest.batches);
  expect(Math.min(...labels)).toBe(0);
  expect(Math.max(...labels)).toBe(9);
  writeArrays(folder, models.lstm!);
  expect(readFileSync(join(folder, 'arrays.bin')).equals(bytes)).toBe(true);
  rmSync(folder, { recursive: true });
});

test('contestants take turns; one that cannot is named with its reason, and so is a loss of its own', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'antler-contestants-'));
  const entry = (name: string, asks: 'step' | 'fit', text: string) => {
    const path = join(folder, `${name.replaceAll(/\W/g, '')}.mjs`);
    writeFileSync(path, text);
    return { name, asks, command: [process.execPath, path] };
  };
  const entries = [
    entry('Antler', 'step', contestant(50, 0.5)),
    entry('PyTorch, eager', 'step', contestant(100, 0.501)),
    entry('PyTorch, compile', 'step', contestant(80, 0.6)),
    entry('Keras on JAX', 'fit', contestant(10, 0.5)),
    entry('Keras on TensorFlow', 'fit', 'throw new Error("no such library")'),
  ];
  const spec = models.tiny!;
  const results = await contest('tiny', spec, () => entries, { threads: 1, rounds: 2, check: true, say: () => {} });
  expect(results.map(({ timing }) => timing?.median)).toEqual([50, 100, 80, undefined, undefined]);
  expect(results.map(({ why }) => why)).toEqual([undefined, undefined, undefined, 'no fit', 'no such library']);
  expect(disagreeing(results)).toEqual(['PyTorch, compile']);
  const text = sections.step([{ model: 'tiny', threads: 1, results }]).paragraphs.join('\n');
  expect(text).toContain('| tiny  | 1       | 50.00 | 80.00        | PyTorch, compile | 0.63        | ≤ 0.35 | –');
  expect(text).toContain('tiny 0.5000 – 0.6000 of 4, more than 1 % apart: PyTorch, compile');
  expect(text).toContain('- Keras on TensorFlow, tiny: no such library');
  rmSync(folder, { recursive: true });
});

test('samples per second say of how many batches they are, where those were few', () => {
  const timing = { repetitions: 1, minimum: 8, median: 8, maximum: 8 };
  const result = (name: string, more: object) => ({ name, asks: 'fit' as const, versions: {}, ...more });
  const results = [
    result('Antler', { timing, batches: 60 }),
    result('slow', { timing: { ...timing, median: 1600 }, batches: 2 }),
    result('absent', { why: 'not installed' }),
  ];
  const text = sections.fit([{ model: 'tiny', threads: 2, results }]).paragraphs.join('\n');
  expect(text).toMatch(/\| tiny, 32 +\| 2 +\| 4,000 +\| 20.0 \(2\) +\| – +\|/);
  expect(text).toContain('- absent, tiny: not installed');
});

test('a slow peer passes over as many batches as there is time for, and does without the check', async () => {
  let time = 0;
  const now = (): number => time;
  const passes = (ms: number) => boundedPasses(1, 60, async (batches) => void (time += ms * batches), now);
  expect(await passes(10)).toEqual({ ms: [10], batches: 60 });
  expect(await passes(1500)).toEqual({ ms: [1500], batches: 2 });
  expect(await passes(5000)).toEqual({ ms: [5000], batches: 1 });
  const check = (ms: number) =>
    boundedCheck(
      50,
      async (step) => {
        time += ms;
        return step;
      },
      now,
    );
  expect((await check(10)).loss).toBe(50);
  expect((await check(700)).loss).toBeUndefined();
});

test('a process gives its last line, or says why it failed', async () => {
  const node = (text: string) => resultOf([process.execPath, '-e', text], { threads: 1, seconds: 20 });
  expect(
    await node('console.log(1); console.log(JSON.stringify({ threads: process.env.ANTLER_NUM_THREADS }))'),
  ).toEqual({
    threads: '1',
  });
  await expect(node('throw new TypeError("no such thing")')).rejects.toThrow('TypeError: no such thing');
  const late = resultOf([process.execPath, '-e', 'setTimeout(() => {}, 60_000)'], { threads: 1, seconds: 1 });
  await expect(late).rejects.toThrow('ended by SIGTERM after at most 1 s');
});

test('axes are put in another order', () => {
  const weight = { shape: [2, 3, 1], data: Float32Array.of(0, 1, 2, 10, 11, 12) };
  const { shape, data } = transposed(weight, [1, 2, 0]);
  expect(shape).toEqual([3, 1, 2]);
  expect([...data]).toEqual([0, 10, 1, 11, 2, 12]);
});
