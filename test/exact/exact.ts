/**
 * The element-wise functions to a hundred digits, in fixed point on BigInt: what results are measured against. Nothing but
 * integer arithmetic decides a digit; where a float64 begins an iteration, the iteration triples its digits.
 */

/** Binary digits behind the point. The smallest float32 leaves 250 of them for its relative error. */
export const digits = 400n;

/** A real number times 2^digits. */
export type Fixed = bigint;

const one: Fixed = 1n << digits;

/** A float exactly; its last bit must be worth at least 2^−400. */
export function exactly(x: number): Fixed {
  if (!Number.isFinite(x)) throw new RangeError(`exactly: expected a finite number, received ${x}`);
  // Doubling is exact, and a whole number of at most 53 bits becomes a BigInt exactly.
  let [whole, shift] = [x, digits];
  while (!Number.isInteger(whole)) [whole, shift] = [whole * 2, shift - 1n];
  if (shift < 0n) throw new RangeError(`exactly: ${x} has digits beyond the last`);
  return BigInt(whole) << shift;
}

const times = (a: Fixed, b: Fixed): Fixed => (a * b) >> digits;
const over = (a: Fixed, b: Fixed): Fixed => (a << digits) / b;
const size = (a: Fixed): Fixed => (a < 0n ? -a : a);

/** The nearest whole number. */
const nearest = (a: Fixed): bigint => (a + (one >> 1n)) >> digits;

/** The sum of terms, each made of the one before, until they vanish. */
function series(
  first: Fixed,
  next: (term: Fixed, n: bigint) => Fixed,
  weigh = (term: Fixed, _n: bigint): Fixed => term,
): Fixed {
  let sum = 0n;
  let n = 0n;
  for (let term = first; size(term) > 1n; term = next(term, ++n)) sum += weigh(term, n);
  return sum;
}

/** artanh(1/n) = Σ n^−(2k+1) / (2k+1). */
const inverseHyperbolicTangent = (n: bigint): Fixed =>
  series(
    one / n,
    (term) => term / (n * n),
    (term, k) => term / (2n * k + 1n),
  );

/** arctan(1/n) = Σ (−1)^k n^−(2k+1) / (2k+1). */
const inverseTangent = (n: bigint): Fixed =>
  series(
    one / n,
    (term) => -term / (n * n),
    (term, k) => term / (2n * k + 1n),
  );

export const ln2: Fixed = 2n * inverseHyperbolicTangent(3n);
/** Machin: π/4 = 4 arctan(1/5) − arctan(1/239). */
export const pi: Fixed = 4n * (4n * inverseTangent(5n) - inverseTangent(239n));

export function exp(x: Fixed): Fixed {
  const halvings = nearest(over(x, ln2));
  const rest = x - halvings * ln2;
  const power = series(one, (term, n) => times(term, rest) / n);
  return halvings >= 0n ? power << halvings : power >> -halvings;
}

/** Halley's iteration on e^y = x, from y near the result. */
function logFrom(x: Fixed, guess: number): Fixed {
  let y = exactly(guess);
  for (let i = 0; i < 3; i++) {
    const power = exp(y);
    y += over(2n * (x - power), x + power);
  }
  return y;
}

export function log(x: Fixed): Fixed {
  // Between 1/√2 and √2 the iteration may begin anywhere near 0.
  const bits = BigInt(x.toString(2).length) - digits - 1n;
  const mantissa = bits >= 0n ? x >> bits : x << -bits;
  return logFrom(mantissa, Math.log(Number(mantissa >> (digits - 60n)) / 2 ** 60) || 0) + bits * ln2;
}

export const expm1 = (x: Fixed): Fixed => exp(x) - one;
export const log1p = (x: Fixed): Fixed => log(one + x);

export function sqrt(x: Fixed): Fixed {
  if (x === 0n) return 0n;
  const square = x << digits;
  let root = 1n << BigInt((square.toString(2).length / 2 + 1) | 0);
  for (;;) {
    const next = (root + square / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Sine and cosine: the rest beyond quarter turns by its series. */
function turned(x: Fixed): { readonly sin: Fixed; readonly cos: Fixed } {
  const quarters = nearest(over(x, pi / 2n));
  const rest = x - (quarters * pi) / 2n;
  const square = times(rest, rest);
  const s = series(rest, (term, n) => -times(term, square) / (2n * n * (2n * n + 1n)));
  const c = series(one, (term, n) => -times(term, square) / (2n * n * (2n * n - 1n)));
  const turns = [
    { sin: s, cos: c },
    { sin: c, cos: -s },
    { sin: -s, cos: -c },
    { sin: -c, cos: s },
  ] as const;
  return turns[Number(((quarters % 4n) + 4n) % 4n)]!;
}

export const sin = (x: Fixed): Fixed => turned(x).sin;
export const cos = (x: Fixed): Fixed => turned(x).cos;

export function tanh(x: Fixed): Fixed {
  const square = exp(2n * x);
  return over(square - one, square + one);
}

export const logistic = (x: Fixed): Fixed => over(one, one + exp(-x));

const rootOfPi: Fixed = sqrt(pi);

/** 2/√π Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1)), which needs no more than its digits up to |x| = 6. */
export function erf(x: Fixed): Fixed {
  const square = times(x, x);
  const sum = series(
    x,
    (term, n) => -times(term, square) / n,
    (term, n) => term / (2n * n + 1n),
  );
  return over(2n * sum, rootOfPi);
}

/** The angle of (x, y): that of a guess, and the small one between them. */
export function atan2(y: Fixed, x: Fixed, guess: number): Fixed {
  const angle = exactly(guess);
  const { sin: s, cos: c } = turned(angle);
  const tangent = over(times(y, c) - times(x, s), times(x, c) + times(y, s));
  return angle + tangent - times(times(tangent, tangent), tangent) / 3n;
}

/** x^y for x > 0. */
export const pow = (x: Fixed, y: Fixed): Fixed => exp(times(y, log(x)));

export const add = (a: Fixed, b: Fixed): Fixed => a + b;
export const sub = (a: Fixed, b: Fixed): Fixed => a - b;
export const mul = (a: Fixed, b: Fixed): Fixed => times(a, b);
export const div = (a: Fixed, b: Fixed): Fixed => over(a, b);
export const rem = (a: Fixed, b: Fixed): Fixed => a % b;

/** How far a float is from an exact number, in units of the float format's last place there. */
export function distance(
  actual: number,
  exact: Fixed,
  format: { readonly digits: number; readonly least: number },
): number {
  const exponent = size(exact).toString(2).length - 1 - Number(digits);
  const unit = Math.max(exponent, format.least) - format.digits + 1;
  const apart = size(exactly(actual) - exact);
  // 40 digits of the quotient behind the point.
  const shift = digits + BigInt(unit) - 40n;
  return Number(shift >= 0n ? apart >> shift : apart << -shift) / 2 ** 40;
}
