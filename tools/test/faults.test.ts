/** Planted faults: each has its place in the code as it is now. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { faults } from '../faults/faults.mjs';
import { root } from '../setup/setup.mjs';

test.each(faults)('$file has once: $from', ({ file, from }) => {
  expect(readFileSync(join(root, file), 'utf8').split(from)).toHaveLength(2);
});
