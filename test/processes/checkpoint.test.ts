/** Training in processes of its own: the same seed gives the same bits, and a process that was killed is taken up without a trace. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProcess } from './run.js';

/** Runs a training; kills it, without a chance to clean up, after so many lines. */
function train(path: string, from: 'start' | 'resume', kind: string, killAfter = Infinity): Promise<readonly string[]> {
  const child = startProcess(new URL('train.ts', import.meta.url), [path, from, kind]);
  let [out, errors] = ['', ''];
  child.stderr.on('data', (text: Buffer) => (errors += String(text)));
  child.stdout.on('data', (text: Buffer) => {
    out += String(text);
    if (out.split('\n').length > killAfter) child.kill('SIGKILL');
  });
  return new Promise((resolve, reject) => {
    child.on('close', (code, signal) => {
      if (code === 0 || (signal === 'SIGKILL' && killAfter < Infinity)) resolve(out.split('\n').slice(0, -1));
      else reject(new Error(errors));
    });
  });
}

const steps = 100;

describe.each(['arrays', 'dataset'])('training on %s', (kind) => {
  let folder: string;
  let whole: readonly string[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'antler-checkpoint-'));
    whole = await train(join(folder, 'whole'), 'start', kind);
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is 100 steps, equal in every bit in two processes', async () => {
    expect(new Set(whole).size).toBe(steps + 1);
    // One kind will do here: what differs between the two is where a training that goes on takes its rows from.
    if (kind === 'arrays') expect(await train(join(folder, 'again'), 'start', kind)).toEqual(whole);
  }, 60_000);

  test('goes on after a kill at a random moment as if nothing had been', async () => {
    const path = join(folder, 'killed');
    const moment = 5 + Math.floor(Math.random() * (steps - 15));
    const before = await train(path, 'start', kind, moment);
    expect(before).toEqual(whole.slice(0, before.length));
    const after = await train(path, 'resume', kind);
    const first = whole.indexOf(after[0]!);
    // The checkpoint is of a step that was done, and at most three steps and what was under way are done again.
    expect([moment, first]).toEqual([moment, expect.any(Number)]);
    expect(first).toBeGreaterThan(0);
    expect(first % 3).toBe(0);
    expect(first).toBeGreaterThan(before.length - 5);
    expect(after).toEqual(whole.slice(first));
    expect(readdirSync(folder)).toContain('killed');
  }, 60_000);
});
