/** Random graphs give the same numbers however they are lowered: fused or not, donated or not, on wide and narrow devices. */
import { test } from '@jest/globals';
import { printGraph } from '../../src/graph/print.js';
import { seeded } from '../../../../test/seeded.js';
import { randomCase } from './random.js';
import { expectSame } from './run.js';

const rounds = Number(process.env.RANDOM_GRAPHS ?? 200);

test(`${rounds} random graphs in every mode`, () => {
  for (let seed = 1; seed <= rounds; seed++) {
    const { graph, inputs, donate } = randomCase(seeded(seed));
    try {
      expectSame(graph, inputs, 1e-4);
      if (donate.length > 0) expectSame(graph, inputs, 1e-4, { donate });
    } catch (error) {
      throw new Error(
        `seed ${seed}, donate ${JSON.stringify(donate)}: ${(error as Error).message}\n${printGraph(graph)}`,
        {
          cause: error,
        },
      );
    }
  }
}, 60_000);
