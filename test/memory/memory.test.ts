/** Memory: flat over many steps, and nothing left after `fit`, `predict`, or an exception in the middle of either. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { runProcess } from '../processes/run.js';
import type { Outcome } from './scenarios.js';

describe.each(['js', 'strict'])('%s', (backend) => {
  let outcomes: Readonly<Record<string, Outcome>>;
  beforeAll(async () => {
    const program = new URL('scenarios.ts', import.meta.url);
    outcomes = JSON.parse(await runProcess(program, [backend])) as typeof outcomes;
  });

  test.each([
    ['a thousand synchronous steps', 'steps'],
    ['a thousand eager steps', 'eagerSteps'],
    [`${backend === 'js' ? 1000 : 100} lengths of predict`, 'lengths'],
    ['after fit and predict only the model is there', 'fits'],
    ['after an exception in the middle of fit or predict as well', 'exceptions'],
  ])('%s', (_, name) => {
    const { first, last } = outcomes[name]!;
    expect(first.storages).toBeGreaterThan(0);
    // Lengths are programs, so the number of these grows there, up to a bound; the rest is flat.
    const flat = ({ programs: _programs, ...counts }: typeof last): object => counts;
    expect(flat(last)).toEqual(flat(first));
    expect([last.inFlight, last.pendingNodes]).toEqual([0, 0]);
    if (name === 'steps') expect(last.programs).toBe(first.programs);
  });

  test('exceptions arrive', () => {
    const once = ['in the middle of fit', 'in the middle of predict', expect.stringContaining('received 7')];
    expect(outcomes.exceptions!.thrown).toEqual([...once, ...once, ...once]);
  });
});
