/** Types of `models.mjs`, which tests in TypeScript and the benchmark's scripts both import. */
import type { HostArray, Model } from 'antler';

/** The names of the package `antler`, which every model is built with. */
export type Antler = typeof import('antler');

/** Sizes of a model by name; those that are left out are the benchmark's. */
export type Sizes = Readonly<Record<string, number>>;

/** A model of the benchmark. */
export interface Benchmark {
  /** Rows of a training step. */
  readonly batch: number;
  readonly classes: number;
  readonly build: (antler: Antler, sizes: Sizes) => Model;
  /** Sizes that train in no time. */
  readonly small: Sizes;
}

/** Names of the models. */
export type BenchmarkName = 'tiny' | 'mlp' | 'cnn' | 'lstm' | 'gpt' | 'resnet';

/** The table. */
export type Benchmarks = Readonly<Record<BenchmarkName, Benchmark>>;

/** The models. */
export const benchmarks: Benchmarks;

/** A model, compiled with Adam and the cross-entropy of class numbers. */
export function compiled(antler: Antler, name: BenchmarkName, sizes?: Sizes, learningRate?: number): Model;

/** Random rows of a model's input with class numbers that follow from them; `random` gives numbers in [0, 1). */
export function batchOf(
  model: Model,
  name: BenchmarkName,
  batch?: number,
  random?: () => number,
): { readonly x: HostArray; readonly y: HostArray };
