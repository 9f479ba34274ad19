/** The layers of the suite, lowest first: each one may assume that those before it pass. */
import type { Case } from './device.js';
import { dotCases } from './kernels/dot.js';
import { foldCases } from './kernels/folds.js';
import { gatherCases } from './kernels/gather.js';
import { loopCases } from './kernels/loop.js';
import { opcodeCases } from './kernels/opcodes.js';
import { randomCases } from './kernels/random.js';
import { reductionCases } from './kernels/reductions.js';
import { repeatCases } from './kernels/repeat.js';
import { scatterCases } from './kernels/scatter.js';
import { memoryCases } from './memory.js';

/** Cases by the name of their layer. */
export const layers: Readonly<Record<string, readonly Case[]>> = {
  memory: memoryCases,
  loop: loopCases,
  opcodes: opcodeCases,
  folds: foldCases,
  reductions: reductionCases,
  dot: dotCases,
  gather: gatherCases,
  scatter: scatterCases,
  repeat: repeatCases,
  'random loops': randomCases,
};
