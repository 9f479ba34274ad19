/**
 * Normalizations of rows [..., n] and of channels [..., c]: mean 0 and variance 1, or a root mean square of 1. Variances are
 * means of squared distances from the mean, which do not cancel. Formulas of the gradients: with z = (x − mean) / deviation
 * and h the cotangent of z, that of x is (h − mean h − z · mean(h · z)) / deviation.
 */
import * as lax from '../../lax.js';
import type { Value } from '../../node.js';
import { composite, ofResult, type Composite } from './composite.js';
import { sizeOf, sizesAt } from '../../shape.js';
import { acrossRows, downRows, lastAxis, like, meanOver, rowAxes } from './rows.js';

/** What is added to the variance. */
export interface EpsilonParams {
  readonly epsilon: number;
}

/** 1 / √(variance + ε). */
const inverseDeviation = (variance: Value, epsilon: number): Value =>
  lax.div(like(variance, 1), lax.sqrt(lax.add(variance, like(variance, epsilon))));

const square = (x: Value): Value => lax.mul(x, x);

/** Inputs x, γ, mean, 1 / deviation, g; gives the cotangents of x, γ and β. */
export const layerNormGradient: Composite = {
  name: 'layerNormGradient',
  inline: false,
  decompose: ([x, gamma, mean, inverse, g]) => {
    const across = (value: Value): Value => acrossRows(value, x!);
    const z = lax.mul(lax.sub(x!, across(mean!)), across(inverse!));
    const h = lax.mul(g!, downRows(gamma!, x!));
    const row = [lastAxis(x!)];
    const centred = lax.sub(h, across(meanOver(h, row)));
    const dx = lax.mul(across(inverse!), lax.sub(centred, lax.mul(z, across(meanOver(lax.mul(h, z), row)))));
    return [dx, lax.sum(lax.mul(g!, z), rowAxes(x!)), lax.sum(g!, rowAxes(x!))];
  },
};

/** Inputs x [..., n], γ and β [n]; gives γ · (x − mean) / √(variance + ε) + β over rows, the means, and 1 / deviations. */
export const layerNorm: Composite<EpsilonParams> = {
  name: 'layerNorm',
  inline: false,
  decompose: ([x, gamma, beta], { epsilon }) => {
    const row = [lastAxis(x!)];
    const mean = meanOver(x!, row);
    const centred = lax.sub(x!, acrossRows(mean, x!));
    const inverse = inverseDeviation(meanOver(square(centred), row), epsilon);
    const z = lax.mul(centred, acrossRows(inverse, x!));
    return [lax.add(lax.mul(z, downRows(gamma!, x!)), downRows(beta!, x!)), mean, inverse];
  },
  vjp: ofResult(({ inputs: [x, gamma], outputs: [, mean, inverse] }, g) =>
    composite(layerNormGradient, [x!, gamma!, mean!, inverse!, g], {}),
  ),
};

/** Inputs x, γ, 1 / root mean square, g; gives the cotangents of x and γ. */
export const rmsNormGradient: Composite = {
  name: 'rmsNormGradient',
  inline: false,
  decompose: ([x, gamma, inverse, g]) => {
    const across = (value: Value): Value => acrossRows(value, x!);
    const z = lax.mul(x!, across(inverse!));
    const h = lax.mul(g!, downRows(gamma!, x!));
    const along = across(meanOver(lax.mul(h, z), [lastAxis(x!)]));
    return [lax.mul(across(inverse!), lax.sub(h, lax.mul(z, along))), lax.sum(lax.mul(g!, z), rowAxes(x!))];
  },
};

/** Inputs x [..., n] and γ [n]; gives γ · x / √(mean x² + ε) over rows, and 1 / root mean squares. */
export const rmsNorm: Composite<EpsilonParams> = {
  name: 'rmsNorm',
  inline: false,
  decompose: ([x, gamma], { epsilon }) => {
    const inverse = inverseDeviation(meanOver(square(x!), [lastAxis(x!)]), epsilon);
    return [lax.mul(lax.mul(x!, acrossRows(inverse, x!)), downRows(gamma!, x!)), inverse];
  },
  vjp: ofResult(({ inputs: [x, gamma], outputs: [, inverse] }, g) =>
    composite(rmsNormGradient, [x!, gamma!, inverse!, g], {}),
  ),
};

/** Inputs x, γ, mean, variance, g; gives the cotangents of x, γ and β. */
export const batchNormGradient: Composite<EpsilonParams> = {
  name: 'batchNormGradient',
  inline: false,
  decompose: ([x, gamma, mean, variance, g], { epsilon }) => {
    const down = (value: Value): Value => downRows(value, x!);
    const inverse = inverseDeviation(variance!, epsilon);
    const z = lax.mul(lax.sub(x!, down(mean!)), down(inverse));
    const rows = rowAxes(x!);
    const ofGamma = lax.sum(lax.mul(g!, z), rows);
    const ofBeta = lax.sum(g!, rows);
    const share = like(ofBeta, 1 / sizeOf(sizesAt(x!.type.shape, rows)));
    const rest = lax.add(down(lax.mul(ofBeta, share)), lax.mul(z, down(lax.mul(ofGamma, share))));
    return [lax.mul(down(lax.mul(gamma!, inverse)), lax.sub(g!, rest)), ofGamma, ofBeta];
  },
};

/**
 * Inputs x [..., c], γ and β [c]; gives γ · (x − mean) / √(variance + ε) + β over everything but the channels, with the means
 * and the variances of the batch.
 */
export const batchNorm: Composite<EpsilonParams> = {
  name: 'batchNorm',
  inline: false,
  decompose: ([x, gamma, beta], { epsilon }) => {
    const mean = meanOver(x!, rowAxes(x!));
    const centred = lax.sub(x!, downRows(mean, x!));
    const variance = meanOver(square(centred), rowAxes(x!));
    const scale = lax.mul(gamma!, inverseDeviation(variance, epsilon));
    return [lax.add(lax.mul(centred, downRows(scale, x!)), downRows(beta!, x!)), mean, variance];
  },
  vjp: ofResult(({ inputs: [x, gamma], outputs: [, mean, variance], params }, g) =>
    composite(batchNormGradient, [x!, gamma!, mean!, variance!, g], params),
  ),
};
