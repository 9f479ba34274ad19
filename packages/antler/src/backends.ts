/** Which backends this version of Antler has, in order of preference, and why others are missing. */
import { createJsBackend } from '@antler/backend-js';
import type { Backend } from '@antler/core';

/** Makes a backend, by name; the first that works here is the default. */
export type BackendTable = Readonly<Record<string, () => Backend | Promise<Backend>>>;

/** Backends that run wherever JavaScript does. */
export const portableBackends: BackendTable = { js: createJsBackend };

/** Why a backend is not there, and what to do about it. */
export interface Absence {
  readonly reason: string;
  readonly action: string;
}

/** Backends that are planned and not part of this version. */
export const absentBackends: Readonly<Record<string, Absence>> = {
  cuda: {
    reason: 'not part of this version: the CUDA backend is not written yet',
    action: 'nothing to do; js computes the same numbers, slower',
  },
  webgpu: {
    reason: 'not part of this version: the WebGPU backend is not written yet',
    action: 'nothing to do; js computes the same numbers, slower',
  },
};
