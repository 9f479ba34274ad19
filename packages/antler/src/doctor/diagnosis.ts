/** What `antler doctor` finds out, as plain data. */
import type { DType } from '@antler/core';

/** The state of an installation. */
export interface Diagnosis {
  readonly versions: { readonly antler: string; readonly node: string; readonly v8: string };
  readonly machine: {
    readonly platform: string;
    readonly cpu: string;
    readonly cores: number;
    readonly memoryBytes: number;
    readonly freeMemoryBytes: number;
  };
  readonly backends: readonly BackendDiagnosis[];
  /** The backend used when nobody chooses; undefined when none works. */
  readonly defaultBackend: string | undefined;
}

/** A backend that works, or why it does not. */
export type BackendDiagnosis =
  | {
      readonly name: string;
      readonly available: true;
      readonly dtypes: readonly DType[];
      readonly selfTest: SelfTest;
    }
  | { readonly name: string; readonly available: false; readonly reason: string; readonly action: string };

/** The outcome of a small training step. */
export type SelfTest =
  { readonly passed: true; readonly milliseconds: number } | { readonly passed: false; readonly reason: string };

/** True when some backend works and every backend that is there computes the right numbers. */
export function isHealthy({ backends, defaultBackend }: Diagnosis): boolean {
  return defaultBackend !== undefined && backends.every((backend) => !backend.available || backend.selfTest.passed);
}
