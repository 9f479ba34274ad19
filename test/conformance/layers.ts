/** The layers of the suite, lowest first: each one may assume that those before it pass. */
import type { Case } from './device.js';
import { dotCases } from './kernels/dot.js';
import { indexedCases } from './kernels/indexed.js';
import { loopCases } from './kernels/loop.js';
import { randomCases } from './kernels/random.js';
import { opcodeCases } from './kernels/opcodes.js';
import { reductionCases } from './kernels/reductions.js';
import { repeatCases } from './kernels/repeat.js';
import { memoryCases } from './memory.js';

/** Cases by the name of their layer. */
export const layers: Readonly<Record<string, readonly Case[]>> = {
  memory: memoryCases,
  loop: loopCases,
  opcodes: opcodeCases,
  reductions: reductionCases,
  dot: dotCases,
  'gather and scatter': indexedCases,
  repeat: repeatCases,
  'random loops': randomCases,
};
