/** Skips: which cases a backend does not pass yet, and why. A skip may not outlive its reason. */
import { Declined, type Case, type Target } from './device.js';

/** Cases that a backend does not pass yet. A skipped case that passes fails the suite. */
export interface Skip {
  readonly reason: string;
  /** Full names (`layer > case`), or beginnings of names that end in `*`. */
  readonly tests: readonly string[];
}

/** Why a case is skipped; undefined when it is not. */
export function reasonOf(name: string, skip: readonly Skip[]): string | undefined {
  return skip.find(({ tests }) => tests.some((pattern) => fits(name, pattern)))?.reason;
}

/** Patterns that no case has: the case was renamed or removed. */
export function unknownSkips(names: readonly string[], skip: readonly Skip[]): string[] {
  return skip.flatMap(({ tests }) => tests).filter((pattern) => !names.some((name) => fits(name, pattern)));
}

/** Runs a case; false when it has nothing to show: the device lacks its dtypes, or declines its kernels. */
export async function runCase<On extends Target>(one: Case<On>, on: On): Promise<boolean> {
  if (lacksDType(one, on)) return false;
  try {
    await one.run(on);
    return true;
  } catch (error) {
    if (error instanceof Declined) return false;
    // What failed on the device belongs to this case, not to the next one.
    await on.backend.synchronize().catch(() => {});
    throw error;
  }
}

/** Runs a skipped case, which must fail; one whose dtypes the device lacks cannot. */
export async function expectFailure<On extends Target>(one: Case<On>, on: On): Promise<void> {
  if (lacksDType(one, on)) return;
  try {
    await runCase(one, on);
  } catch {
    return;
  }
  throw new Error(`${one.name}: this case passes now. Remove its skip.`);
}

function lacksDType<On extends Target>({ dtypes = ['float32'] }: Case<On>, { backend }: On): boolean {
  return dtypes.some((dtype) => backend.bytes[dtype] === undefined);
}

function fits(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
