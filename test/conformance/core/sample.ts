/** Samples: a function of tensors, what goes in and what must come out. Cases are tables of them. */
import { isFloat, type DType, type Tensor } from '@antler/core';
import { Declined } from '../device.js';
import { expectClose, expectEqual, expectThat } from '../expect.js';
import { rounded } from '../numbers.js';
import type { Tolerance } from '../tolerance.js';
import type { CoreCase, Session } from './session.js';
import { tensorOf, type Values } from './values.js';

/** One call with its results. */
export interface Sample {
  /** What it shows; begins the message when it fails. */
  readonly name: string;
  readonly inputs: readonly Values[];
  readonly f: (...inputs: Tensor[]) => Tensor | readonly Tensor[];
  readonly expected: Values | readonly Values[];
  /** Units in the last place that a float may be away. Default 0: exactly the expected number. */
  readonly within?: (tolerance: Tolerance) => number;
  /** −0 is not 0. Default false. */
  readonly signed?: boolean;
}

/** A case of samples. Those whose dtypes the device lacks have nothing to show. */
export function caseOf(name: string, samples: readonly Sample[]): CoreCase {
  return { name, dtypes: [], run: (session) => checkSamples(session, samples) };
}

/** Computes all samples together, so that a backend compiles few programs, and names each that is wrong. */
export async function checkSamples(session: Session, samples: readonly Sample[]): Promise<void> {
  const fitting = samples.filter((sample) => session.has(...dtypesOf(sample)));
  if (fitting.length === 0) throw new Declined(`${session.backend.name} has none of the dtypes`);
  const inputs = fitting.map((sample) => sample.inputs.map(tensorOf));
  const counts: number[] = [];
  const results = await session.compute((given: readonly Tensor[][]) => {
    const lists = fitting.map(({ f }, i) => [f(...given[i]!)].flat<readonly (Tensor | readonly Tensor[])[], 1>());
    lists.forEach((list, i) => (counts[i] = list.length));
    return lists.flat();
  }, inputs);
  const wrong: string[] = [];
  let next = 0;
  fitting.forEach((sample, i) => {
    const own = results.slice(next, (next += counts[i]!));
    try {
      compare(session, sample, own);
    } catch (error) {
      wrong.push((error as Error).message);
    }
  });
  const shown = wrong.length > 4 ? [...wrong.slice(0, 4), `and ${wrong.length - 4} more samples`] : wrong;
  expectThat(wrong.length === 0, shown.join('\n'));
}

function compare(session: Session, sample: Sample, results: readonly Values[]): void {
  const { name, within, signed } = sample;
  const expected = expectedOf(sample);
  expectThat(
    results.length === expected.length,
    `${name}: expected ${expected.length} results, received ${results.length}`,
  );
  results.forEach((result, i) => {
    const { dtype, shape, numbers } = expected[i]!;
    const what = expected.length === 1 ? name : `${name}, result ${i}`;
    expectThat(result.dtype === dtype, `${what}: expected ${dtype}, received ${result.dtype}`);
    const [wanted, came] = [shape, result.shape].map((sizes) => `[${sizes.join(', ')}]`);
    expectThat(wanted === came, `${what}: expected shape ${wanted}, received ${came}`);
    const ulps = within?.(session.tolerance) ?? 0;
    if (!isFloat(dtype)) expectEqual(result.numbers, numbers, what);
    else if (ulps > 0) expectClose(result.numbers, numbers, what, { dtype, ulps });
    else {
      const exact = numbers.map((value) => rounded(value, dtype));
      expectEqual(result.numbers, exact, what, signed);
    }
  });
}

function expectedOf({ expected }: Sample): readonly Values[] {
  return 'numbers' in expected ? [expected] : expected;
}

function dtypesOf(sample: Sample): DType[] {
  return [...sample.inputs, ...expectedOf(sample)].map(({ dtype }) => dtype);
}
