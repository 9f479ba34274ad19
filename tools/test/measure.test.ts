/** The benchmark's clockwork, on a clock that the test turns. */
import { expect, test } from '@jest/globals';
import { measure, timing } from '../bench/measure.mjs';

test('the median of an even number of times lies between the two in the middle', () => {
  expect(timing([4, 1, 3, 2])).toEqual({ repetitions: 4, minimum: 1, median: 2.5, maximum: 4 });
  expect(timing([7])).toEqual({ repetitions: 1, minimum: 7, median: 7, maximum: 7 });
});

test('warm-up and preparation are not measured', async () => {
  let time = 0;
  const durations = [500, 500, 10, 20, 30, 40, 50, 900];
  const events: string[] = [];
  const run = async () => {
    events.push('run');
    time += durations.shift() ?? 0;
  };
  const prepare = () => {
    time += 10_000;
    events.push('prepare');
  };
  const result = await measure({ title: 'x', run, prepare }, { seconds: 1, now: () => time });
  expect(events[0]).toBe('prepare');
  // Warm-up takes the first (100 ms of it are asked for); the rest is measured until a second is over.
  expect(result).toEqual({ repetitions: 7, minimum: 10, median: 40, maximum: 900 });
});

test('a slow case is still repeated five times', async () => {
  let time = 0;
  const result = await measure({ title: 'x', run: () => (time += 60_000) }, { seconds: 1, now: () => time });
  expect(result).toEqual({ repetitions: 5, minimum: 60_000, median: 60_000, maximum: 60_000 });
});
