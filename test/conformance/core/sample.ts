/** Samples: a function of tensors, what goes in and what must come out. Cases are tables of them. */
import { isFloat, type DType, type Tensor } from '@antler/core';
import { Declined } from '../device.js';
import { expectBits, expectClose, expectEqual, expectThat } from '../expect.js';
import { rounded } from '../numbers.js';
import type { Tolerance } from '../tolerance.js';
import type { CoreCase, Session } from './session.js';
import { tensorOf, type Values } from './values.js';
import { inEveryLayout } from './views.js';

/** One call with its results. */
export interface Sample {
  /** What it shows; begins the message when it fails. */
  readonly name: string;
  readonly inputs: readonly Values[];
  readonly f: (...inputs: Tensor[]) => Tensor | readonly Tensor[];
  readonly expected: Values | readonly Values[];
  /** Units in the last place that a float may be away. Default 0: exactly the expected number. */
  readonly within?: (tolerance: Tolerance) => number;
  /**
   * For each element of a result, the size of the terms that cancel on the way to it: units are counted there, where that is
   * larger than the result.
   */
  readonly around?: readonly number[];
  /** −0 is not 0. Default false. */
  readonly signed?: boolean;
}

/** A case of samples. Those whose dtypes the device lacks have nothing to show. */
export function caseOf(name: string, samples: readonly Sample[]): CoreCase {
  return { name, dtypes: [], run: (session) => checkSamples(session, samples) };
}

/** Computes all samples together, so that a backend compiles few programs, and names each that is wrong. */
export async function checkSamples(session: Session, samples: readonly Sample[]): Promise<void> {
  const fitting = fittingOf(session, samples);
  if (fitting.length === 0) throw new Declined(`${session.backend.name} has none of the dtypes`);
  const results = await resultsOf(session, fitting);
  expectEach(fitting, (sample, i) => compare(session, sample, results[i]!));
}

/**
 * The samples once more on inputs that are views of larger, turned and mirrored arrays. Where a number lies has no influence:
 * the results have the same bits.
 */
export async function checkLayouts(session: Session, samples: readonly Sample[]): Promise<void> {
  const isMany = ({ inputs }: Sample): boolean => inputs.some(({ numbers }) => numbers.length > 1);
  const groups = fittingOf(session, samples)
    .filter(isMany)
    .map((sample, i) => {
      const [plain, ...others] = inEveryLayout(sample) as [Sample, ...Sample[]];
      // One after the other, so that each layout has its turn without four times the programs.
      return others.length === 0 ? [plain] : [plain, others[i % others.length]!];
    });
  const all = groups.flat();
  const results = await resultsOf(session, all);
  const plain = groups.flatMap((group) => group.map(() => group[0]!));
  expectEach(all, ({ name }, i) => {
    const expected = results[all.indexOf(plain[i]!)]!;
    results[i]!.forEach(({ numbers }, k) => expectBits(numbers, expected[k]!.numbers, name));
  });
}

function fittingOf(session: Session, samples: readonly Sample[]): Sample[] {
  return samples.filter((sample) => session.has(...dtypesOf(sample)));
}

/** The results of each sample. */
async function resultsOf(session: Session, samples: readonly Sample[]): Promise<Values[][]> {
  const inputs = samples.map((sample) => sample.inputs.map(tensorOf));
  const counts: number[] = [];
  const results = await session.compute((given: readonly Tensor[][]) => {
    const lists = samples.map(({ f }, i) => [f(...given[i]!)].flat<readonly (Tensor | readonly Tensor[])[], 1>());
    lists.forEach((list, i) => (counts[i] = list.length));
    return lists.flat();
  }, inputs);
  let next = 0;
  return counts.map((count) => results.slice(next, (next += count)));
}

function expectEach(samples: readonly Sample[], check: (sample: Sample, i: number) => void): void {
  const wrong: string[] = [];
  samples.forEach((sample, i) => {
    try {
      check(sample, i);
    } catch (error) {
      wrong.push((error as Error).message);
    }
  });
  const shown = wrong.length > 4 ? [...wrong.slice(0, 4), `and ${wrong.length - 4} more samples`] : wrong;
  expectThat(wrong.length === 0, shown.join('\n'));
}

function compare(session: Session, sample: Sample, results: readonly Values[]): void {
  const { name, within, signed, around } = sample;
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
    else if (ulps > 0) expectClose(result.numbers, numbers, what, { dtype, ulps, signed, around });
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
