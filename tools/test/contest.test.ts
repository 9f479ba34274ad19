/** Contests of whole training steps: the arrays that all contestants read, their protocol, and what is made of their times. */
import { expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeArrays } from '../bench/steps/arrays.mjs';
import { contest, disagreeing } from '../bench/steps/contest.mjs';
import { models } from '../bench/steps/models.mjs';
import { stepSections } from '../bench/steps/report.mjs';

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
    entry('Antler, step', 'step', contestant(50, 0.5)),
    entry('PyTorch, eager', 'step', contestant(100, 0.501)),
    entry('PyTorch, compile', 'step', contestant(80, 0.6)),
    entry('Keras on JAX', 'fit', contestant(10, 0.5)),
    entry('Keras on TensorFlow', 'fit', 'throw new Error("no such library")'),
  ];
  const spec = models.tiny!;
  const results = await contest('tiny', spec, () => entries, { threads: 1, rounds: 2, check: true, say: () => {} });
  expect(results.map(({ timing }) => timing?.median)).toEqual([50, 100, 80, undefined, undefined]);
  expect(results.map(({ why }) => why)).toEqual([
    undefined,
    undefined,
    undefined,
    'Keras on JAX: no fit',
    expect.stringContaining('Keras on TensorFlow ended'),
  ]);
  expect(disagreeing(results)).toEqual(['PyTorch, compile']);
  const text = stepSections([{ model: 'tiny', spec, threads: 1, results }])
    .flatMap(({ paragraphs }) => paragraphs)
    .join('\n');
  expect(text).toContain('| tiny  | 1       | 50.00 | 80.00        | PyTorch, compile | 0.63        | ≤ 0.35 |');
  expect(text).toContain('tiny 0.5000 – 0.6000; more than 1 % apart: PyTorch, compile');
  rmSync(folder, { recursive: true });
});
