/** Schedules as functions: `optimizers.schedules.cosineDecay({ … })` is `new CosineDecay({ … })`. */
import {
  CosineDecay,
  CosineDecayRestarts,
  type CosineOptions,
  type DecayOptions,
  ExponentialDecay,
  InverseTimeDecay,
  PiecewiseConstantDecay,
  type PiecewiseOptions,
  PolynomialDecay,
  type PolynomialOptions,
  type RestartOptions,
} from './schedules.js';

/** A fixed factor every so many steps; see {@link ExponentialDecay}. */
export function exponentialDecay(options: DecayOptions): ExponentialDecay {
  return new ExponentialDecay(options);
}

/** Down as 1 / steps; see {@link InverseTimeDecay}. */
export function inverseTimeDecay(options: DecayOptions): InverseTimeDecay {
  return new InverseTimeDecay(options);
}

/** One rate after the other; see {@link PiecewiseConstantDecay}. */
export function piecewiseConstantDecay(options: PiecewiseOptions): PiecewiseConstantDecay {
  return new PiecewiseConstantDecay(options);
}

/** Along a line, or another power; see {@link PolynomialDecay}. */
export function polynomialDecay(options: PolynomialOptions): PolynomialDecay {
  return new PolynomialDecay(options);
}

/** Down half a cosine wave; see {@link CosineDecay}. */
export function cosineDecay(options: CosineOptions): CosineDecay {
  return new CosineDecay(options);
}

/** Half cosine waves, one after the other; see {@link CosineDecayRestarts}. */
export function cosineDecayRestarts(options: RestartOptions): CosineDecayRestarts {
  return new CosineDecayRestarts(options);
}
