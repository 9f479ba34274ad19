/** What the parts of `checkProgram` share: where they are, what a kernel touches, and how a broken promise is reported. */
import { ValueError, describe, type DType, type Program, type View, type Backend } from '@antler/core';

/** What of a backend the check needs: `accepts` is asked when given. */
export type CheckedDevice = Pick<Backend, 'bytes' | 'limits'> & Partial<Pick<Backend, 'accepts'>>;

/** A view as a kernel uses it: with the sizes of its axes, and whether a store may go through the very same view. */
export interface Access {
  readonly what: string;
  readonly view: View;
  readonly shape: readonly number[];
  readonly inPlace: boolean;
  /** Axes along which only one index is ever used. */
  readonly overlaps?: ReadonlySet<number>;
}

/** All memory that one kernel touches, the fault slot excepted. */
export interface Accesses {
  readonly reads: readonly Access[];
  readonly writes: readonly Access[];
}

/** Where the check is: the program, the device, and the kernels and turns around. */
export interface Place {
  readonly program: Program;
  readonly device: CheckedDevice;
  /** `kernel 3 (loop, dense_1)`. */
  readonly where: string;
  /** Counts of the enclosing repeats, outermost first. */
  readonly counts: readonly number[];
  /** Slots that hold something: inputs, and what earlier kernels wrote. */
  readonly filled: Set<number>;
}

/** Throws the error of a broken promise. */
export function fail(where: string, expected: string, received: string, hint?: string): never {
  throw new ValueError(describe(`checkProgram: ${where}`, expected, received, hint));
}

/** Checks that the device has a dtype. */
export function checkDType(where: string, dtype: DType, device: CheckedDevice): void {
  if (device.bytes[dtype] === undefined) {
    fail(where, `a dtype of the device (${Object.keys(device.bytes).join(', ')})`, String(dtype));
  }
}
