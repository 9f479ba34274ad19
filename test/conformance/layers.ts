/** The layers of the suite, lowest first: each one may assume that those before it pass. */
import { curveCases } from './core/curves.js';
import { gradientCases } from './core/gradients.js';
import { opCases } from './core/ops.js';
import { drawCases } from './core/ops/random.js';
import { primitiveCases } from './core/primitives.js';
import { semanticsCases } from './core/semantics.js';
import type { CoreCase } from './core/session.js';
import type { Case } from './device.js';
import { convCases } from './kernels/conv.js';
import { dotCases } from './kernels/dot.js';
import { foldCases } from './kernels/folds.js';
import { gatherCases } from './kernels/gather.js';
import { halfCases } from './kernels/halves.js';
import { loopCases } from './kernels/loop.js';
import { opcodeCases } from './kernels/opcodes.js';
import { orderingCases, windowCases } from './kernels/ordering.js';
import { randomCases } from './kernels/random.js';
import { reductionCases } from './kernels/reductions.js';
import { repeatCases } from './kernels/repeat.js';
import { scatterCases } from './kernels/scatter.js';
import { memoryCases } from './memory.js';

/** Cases about a backend alone, which runs programs written by hand; by the name of their layer. */
export const deviceLayers: Readonly<Record<string, readonly Case[]>> = {
  memory: memoryCases,
  loop: loopCases,
  opcodes: opcodeCases,
  folds: foldCases,
  reductions: reductionCases,
  dot: dotCases,
  conv: convCases,
  gather: gatherCases,
  scatter: scatterCases,
  windows: windowCases,
  ordering: orderingCases,
  repeat: repeatCases,
  '16-bit floats': halfCases,
  'random loops': randomCases,
};

/** Cases about core on that backend, each of which runs in every mode. */
export const coreLayers: Readonly<Record<string, readonly CoreCase[]>> = {
  primitives: primitiveCases,
  semantics: semanticsCases,
  gradients: gradientCases,
  ops: opCases,
  random: drawCases,
  'training curves': curveCases,
};
