/** Processes that end in the middle of a run, and JavaScript that goes on beside one. */
import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { addon, describeNative } from '../../../test/backends/native.js';
import { addonPath } from '../src/addon.js';
import { encodeProgram } from '../src/encode.js';
import { tanhProgram } from './programs.js';

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Runs the child; how it ended and what it said. */
function child(
  ending: string,
  milliseconds: number,
): Promise<{ code: number | null; signal: string | null; out: string }> {
  const length = 100_000;
  const numbers = JSON.stringify(Array.from(encodeProgram(tanhProgram(length, 20))));
  const args = [here('../../../test/processes/native-child.mjs'), addonPath, numbers, String(4 * length), ending];
  const process_ = spawn(process.execPath, [...args, String(milliseconds)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  for (const stream of [process_.stdout, process_.stderr]) stream.on('data', (text: Buffer) => (out += String(text)));
  return new Promise((resolve) => process_.on('close', (code, signal) => resolve({ code, signal, out })));
}

describeNative('a process ends at a random moment', () => {
  const times = 4;
  test.each([
    ['exit', 7, ''],
    ['throw', 1, 'on purpose'],
    ['terminate', 0, 'terminated'],
    ['leave', 0, ''],
  ] as const)('%s', async (ending, code, said) => {
    const ends = await Promise.all(Array.from({ length: times }, () => child(ending, 20 + 80 * Math.random())));
    for (const end of ends) {
      expect(end).toMatchObject({ code, signal: null });
      expect(end.out).toContain(said);
    }
  });
});

describeNative('beside a long run', () => {
  const length = 200_000;
  const executable = addon.compile(encodeProgram(tanhProgram(length, 400)));

  test('the event loop is free, and a read waits for the run', async () => {
    const buffer = new ArrayBuffer(4 * length);
    new Float32Array(buffer).fill(1);
    const delay = monitorEventLoopDelay({ resolution: 2 });
    let turns = 0;
    const timer = setInterval(() => turns++, 2);
    delay.enable();
    addon.run(executable, [buffer], [0], new Float64Array(0));
    const target = await addon.read(buffer, 0, new ArrayBuffer(4 * length));
    delay.disable();
    clearInterval(timer);
    // tanh, 400 times from 1: about √(3 / (2 · 400)).
    expect(new Float32Array(target)[length - 1]).toBeCloseTo(0.0609, 3);
    expect(turns).toBeGreaterThan(5);
  });

  test('writes, runs and reads take effect in the order of the calls', async () => {
    const buffer = new ArrayBuffer(4 * length);
    const write = (value: number): void => {
      const data = new Float32Array(length).fill(value);
      addon.write(buffer, 0, new Uint8Array(data.buffer));
      data.fill(NaN);
    };
    const read = async (): Promise<number> =>
      new Float32Array(await addon.read(buffer, 0, new ArrayBuffer(4 * length)))[7]!;
    write(0.5);
    addon.run(executable, [buffer], [0], new Float64Array(0));
    const first = read();
    write(0);
    const second = read();
    addon.run(executable, [buffer], [0], new Float64Array(0));
    write(3);
    const third = new Float32Array(addon.readSync(buffer, 0, new ArrayBuffer(4)))[0];
    expect(await first).toBeGreaterThan(0.05);
    expect(await first).toBeLessThan(0.5);
    expect([await second, third]).toEqual([0, 3]);
  });

  test('buffers live until the run is done, though nobody else holds them', async () => {
    for (let i = 0; i < 10; i++) {
      const buffer = new ArrayBuffer(4 * length);
      addon.run(executable, [buffer], [0], new Float64Array(0));
      if (i % 5 === 4) await addon.synchronize();
    }
    await addon.synchronize();
    expect(addon.describe().threads).toBeGreaterThan(0);
  });
});
