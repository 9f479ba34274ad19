/** Skips: which cases a backend does not pass yet, and why. A skip may not outlive its reason. */
import { Declined, type Case, type Device } from './device.js';

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

/** Runs a case. One whose dtypes the device lacks, or whose kernels it declines, has nothing to show. */
export async function runCase(one: Case, device: Device): Promise<void> {
  if (lacksDType(one, device)) return;
  try {
    await one.run(device);
  } catch (error) {
    if (error instanceof Declined) return;
    // What failed on the device belongs to this case, not to the next one.
    await device.backend.synchronize().catch(() => {});
    throw error;
  }
}

/** Runs a skipped case, which must fail; one whose dtypes the device lacks cannot. */
export async function expectFailure(one: Case, device: Device): Promise<void> {
  if (lacksDType(one, device)) return;
  try {
    await runCase(one, device);
  } catch {
    return;
  }
  throw new Error(`${one.name}: this case passes now. Remove its skip.`);
}

function lacksDType({ dtypes = ['float32'] }: Case, { backend }: Device): boolean {
  return dtypes.some((dtype) => backend.bytes[dtype] === undefined);
}

function fits(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
