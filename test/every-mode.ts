/** Test files that run whole in each mode, on a fresh device for each test. */
import { afterEach, beforeEach, describe } from '@jest/globals';
import { setFusion, type Backend } from '@antler/core';
import { modes, openFresh, type Mode } from './modes.js';

/** Runs a set of tests in each mode on a fresh device. */
export function inEveryMode(
  backend: string,
  create: () => Backend | Promise<Backend>,
  tests: (mode: Mode, device: () => string) => void,
): void {
  for (const mode of modes) {
    describe(`${backend}, ${mode.name}`, () => {
      let device = '';
      beforeEach(async () => {
        setFusion(mode.fusion);
        device = await openFresh(create);
      });
      afterEach(() => setFusion('auto'));
      tests(mode, () => device);
    });
  }
}
