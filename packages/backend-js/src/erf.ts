/** The error function, a module of its own for the room that its coefficients take. */

// Rational approximations of W. J. Cody, "Rational Chebyshev Approximations for the Error Function", Math. Comp. 23 (1969).
const smallTop = [
  1.85777706184603153e-1, 3.1611237438705656, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3,
];
const smallBottom = [1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3];
const largeTop = [
  2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1, 2.98635138197400131e2,
  8.8195222124176909e2, 1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3,
];
const largeBottom = [
  1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3, 3.29079923573345963e3,
  4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
];

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let i = 0; i < coefficients.length; i++) sum = sum * x + coefficients[i]!;
  return sum;
}

/** The error function 2/√π ∫₀ˣ e^(−t²) dt. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size <= 0.46875) return (x * polynomial(smallTop, x * x)) / polynomial(smallBottom, x * x);
  if (size >= 6) return Math.sign(x);
  const rest = (Math.exp(-size * size) * polynomial(largeTop, size)) / polynomial(largeBottom, size);
  return x < 0 ? rest - 1 : 1 - rest;
}
