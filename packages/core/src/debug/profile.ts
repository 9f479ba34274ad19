/** profile: what a function's programs spend their time on, by kernel, by layer and by kind of kernel. */
import { ValueError, describe } from '../errors.js';
import type { Program } from '../graph/program.js';
import { hooks } from '../runtime/hooks.js';
import { synchronize } from '../runtime/scope.js';
import { describeKernel, type KernelDescription } from './describeKernel.js';
import { timeKernels } from './timeKernels.js';
import { chromeTrace, type ChromeTrace } from './chromeTrace.js';
import { profileText } from './profileText.js';

/** What a kernel took in all its runs. A program on a device that cannot time its kernels counts as one `program`. */
export interface KernelTime extends Omit<KernelDescription, 'kind'> {
  readonly kind: KernelDescription['kind'] | 'program';
  readonly runs: number;
  readonly milliseconds: number;
}

/** A sum over kernels. */
export interface TotalTime {
  readonly name: string;
  readonly kernels: number;
  readonly milliseconds: number;
}

/** One run of a program. */
export interface ProgramRun {
  readonly device: string;
  /** Milliseconds from the beginning of the profile to when the run was enqueued. */
  readonly start: number;
  /** Milliseconds of each entry of `kernels`, which are the same objects for every run of a program. */
  readonly times: readonly number[];
  readonly kernels: readonly Omit<KernelTime, 'runs' | 'milliseconds'>[];
}

/** What `profile` found. It prints as a table: `console.log(String(found))`. */
export class Profile<R = unknown> {
  /** What the function gave. */
  readonly result: R;
  /** From the call to the end of the last run, in milliseconds; what kernels do not explain is JavaScript and waiting. */
  readonly wall: number;
  readonly runs: readonly ProgramRun[];
  /** The slowest first. */
  readonly kernels: readonly KernelTime[];

  constructor(result: R, wall: number, runs: readonly ProgramRun[]) {
    this.result = result;
    this.wall = wall;
    this.runs = runs;
    const totals = new Map<ProgramRun['kernels'][number], { runs: number; milliseconds: number }>();
    for (const { kernels, times } of runs) {
      kernels.forEach((kernel, i) => {
        const total = totals.get(kernel) ?? { runs: 0, milliseconds: 0 };
        totals.set(kernel, { runs: total.runs + 1, milliseconds: total.milliseconds + times[i]! });
      });
    }
    this.kernels = slowestFirst([...totals].map(([kernel, total]) => ({ ...kernel, ...total })));
  }

  /** Time in kernels, in milliseconds. */
  get milliseconds(): number {
    return this.kernels.reduce((sum, kernel) => sum + kernel.milliseconds, 0);
  }

  /** Time by layer, the slowest first. The time of a kernel that several layers share is split evenly. */
  get layers(): readonly TotalTime[] {
    return totalsBy(this.kernels, ({ layers }) => (layers.length === 0 ? ['(outside of layers)'] : layers));
  }

  /** Time by kind of kernel, the slowest first. */
  get kinds(): readonly TotalTime[] {
    return totalsBy(this.kernels, ({ kind }) => [kind]);
  }

  /** Totals by kind and by layer as bars, then the slowest kernels. */
  toString(): string {
    return profileText(this);
  }

  /**
   * The runs in the Trace Event Format: `JSON.stringify` it into a file, and open that in chrome://tracing or Perfetto.
   * @example await writeFile('trace.json', JSON.stringify(found.toChromeTrace()));
   */
  toChromeTrace(): ChromeTrace {
    return chromeTrace(this.runs);
  }
}

let isProfiling = false;

/**
 * Runs a function, awaits what it gives and everything that it recorded, and says how long each kernel took. Compiling is not
 * part of it: profile the second call of something. Waits for what was enqueued before.
 * @example console.log(String(await profile(() => model.trainOnBatch(x, y))));
 * @throws ValueError while another profile is being taken.
 */
export async function profile<R>(f: () => R): Promise<Profile<Awaited<R>>> {
  if (isProfiling) throw new ValueError(describe('profile', 'one profile at a time', 'a call during another'));
  isProfiling = true;
  const { launch } = hooks;
  const descriptions = new Map<Program, ProgramRun['kernels']>();
  const runs: Promise<ProgramRun>[] = [];
  try {
    await synchronize();
    const begin = performance.now();
    hooks.launch = (backend, { executable, io, scalars }) => {
      const { program, compiled } = executable;
      let kernels = descriptions.get(program);
      if (kernels === undefined) descriptions.set(program, (kernels = entries(program, backend.profile !== undefined)));
      const start = performance.now() - begin;
      const known = kernels;
      const run = timeKernels(backend, compiled, io, scalars).then((times): ProgramRun => {
        return { device: backend.name, start, times, kernels: known };
      });
      // Whoever reads a result hears of a failure too, perhaps before this one is awaited.
      run.catch(() => undefined);
      runs.push(run);
    };
    const result = await f();
    await synchronize();
    const wall = performance.now() - begin;
    return new Profile(result, wall, await Promise.all(runs));
  } finally {
    hooks.launch = launch;
    isProfiling = false;
  }
}

function entries(program: Program, isTimed: boolean): ProgramRun['kernels'] {
  const { kernels } = program;
  if (isTimed) return kernels.map((kernel) => describeKernel(program, kernel));
  const whole = describeKernel(program, { kind: 'repeat', count: 1, kernels, scopes: [] });
  return [{ ...whole, kind: 'program', text: `program of ${kernels.length} kernels` }];
}

function totalsBy(
  kernels: readonly KernelTime[],
  names: (kernel: KernelTime) => readonly string[],
): readonly TotalTime[] {
  const totals = new Map<string, TotalTime>();
  for (const kernel of kernels) {
    const shares = names(kernel);
    for (const name of shares) {
      const { kernels: count, milliseconds } = totals.get(name) ?? { kernels: 0, milliseconds: 0 };
      totals.set(name, { name, kernels: count + 1, milliseconds: milliseconds + kernel.milliseconds / shares.length });
    }
  }
  return slowestFirst([...totals.values()]);
}

function slowestFirst<T extends { readonly milliseconds: number }>(entries: readonly T[]): readonly T[] {
  return [...entries].sort((a, b) => b.milliseconds - a.milliseconds);
}
