/** The scalar language of kernels in WGSL: one table of opcodes, and the few functions that WGSL lacks or leaves vague. */
import { isFloat, type DType, type Opcode } from '@antler/core';

/** The WGSL type that computes a supported dtype. A bool is a word that holds 0 or 1, in memory and in bodies. */
export const types: { readonly [D in DType]?: string } = { float32: 'f32', int32: 'i32', uint32: 'u32', bool: 'u32' };

/** WGSL of an opcode, given its arguments, the dtype it computes in and the dtype of its result. */
type Renderer = (args: readonly string[], from: DType, to: DType) => string;

/** A function, and what integers do instead. */
const call = (name: string, integer?: Renderer): Renderer => (args, from, to) => integer && !isFloat(from) ? integer(args, from, to) : `${name}(${args.join(', ')})`; // prettier-ignore
const infix = (operator: string): Renderer => ([a, b]) => `${a} ${operator} ${b}`; // prettier-ignore
const comparison = (operator: string): Renderer => ([a, b]) => `select(0u, 1u, ${a} ${operator} ${b})`; // prettier-ignore
const same: Renderer = ([a]) => a!;

/** Every scalar opcode. Names that are not WGSL's own are functions of the prelude. */
export const renderers: { readonly [O in Opcode]: Renderer } = {
  neg: ([a], from) => (isFloat(from) ? `-${a}` : `0 - ${a}`),
  abs: call('abs'),
  sign: call('signum', ([a], from) => (from === 'int32' ? `sign(${a})` : `min(${a}, 1)`)),
  floor: call('floor', same),
  ceil: call('ceil', same),
  round: call('round', same),
  exp: call('exponential'),
  expm1: call('exponential_minus_one'),
  log: call('logarithm'),
  log1p: call('logarithm_of_one_plus'),
  sqrt: call('sqrt'),
  sin: ([a]) => `sine(${a}, 0)`,
  cos: ([a]) => `sine(${a}, 1)`,
  tanh: call('hyperbolic_tangent'),
  logistic: ([a]) => `1 / (1 + exponential(-${a}))`,
  erf: call('error_function'),
  cast: ([a], from, to) => {
    if (to === 'bool') return `select(1u, 0u, ${a} == 0)`;
    return isFloat(from) && !isFloat(to) ? `saturated_${types[to]}(${a})` : `${types[to]}(${a})`;
  },
  bitcast: ([a], _from, to) => `bitcast<${types[to]}>(${a})`,
  add: infix('+'),
  sub: infix('-'),
  mul: infix('*'),
  div: ([a, b], from) => (isFloat(from) ? `${a} / ${b}` : `select(${a} / ${b}, bitcast<${types[from]}>(~0u), ${b} == 0)`), // prettier-ignore
  rem: call('remainder', ([a, b]) => `select(${a} % ${b}, ${a}, ${b} == 0)`),
  pow: ([a, b], from) => `power_${types[from]}(${a}, ${b})`,
  max: call('maximum', call('max')),
  min: call('minimum', call('min')),
  atan2: call('angle'),
  and: infix('&'),
  or: infix('|'),
  xor: infix('^'),
  shl: ([a, b]) => `${a} << (u32(${b}) & 31)`,
  shr: ([a, b]) => `${a} >> (u32(${b}) & 31)`,
  eq: comparison('=='),
  ne: ([a, b]) => `select(1u, 0u, ${a} == ${b})`,
  lt: comparison('<'),
  le: comparison('<='),
  select: ([condition, a, b]) => `select(${b}, ${a}, ${condition} != 0)`,
  random: call('threefry'),
};

/** A constant. WGSL has no literal for NaN and the infinities, and a function's argument is never a constant expression. */
export function literal(value: number, dtype: DType): string {
  if (!isFloat(dtype)) return `${types[dtype]}(${dtype === 'bool' ? Number(value !== 0) : value})`;
  return `from_bits(${new Uint32Array(Float32Array.of(value).buffer)[0]}u)`;
}

/** x (c₀ + y (c₁ + y (c₂ + …))), the coefficients being f(0), f(1), … f(degree). */
function series(x: string, y: string, degree: number, f: (n: number) => number): string {
  const nested = (n: number): string => (n === degree ? `${f(n)}` : `(${f(n)} + ${y} * ${nested(n + 1)})`);
  return `${x} * ${nested(0)}`;
}

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
const expSeries = series('x', 'x', 8, (n) => 1 / factorial(n + 1));
const logSeries = series('s', 's * s', 7, (n) => 2 / (2 * n + 1));
const sinSeries = series('r', '-r * r', 5, (n) => 1 / factorial(2 * n + 1));
const cosSeries = series('1', '-r * r', 5, (n) => 1 / factorial(2 * n));
const erfSeries = series('x', 'x * x', 10, (n) => ((-1) ** n * 2) / (Math.sqrt(Math.PI) * factorial(n) * (2 * n + 1)));
const erfTail = series('t', 't', 4, (n) => [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429][n]!);

/**
 * What the table needs. NaN is tested on bits, because WGSL lets a compiler assume that there is none; series stand where
 * WGSL allows an absolute error. The error function beyond 1 is Abramowitz and Stegun's 7.1.26.
 */
export function prelude(): string {
  return `
fn from_bits(word: u32) -> f32 { return bitcast<f32>(word); }
fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffff) > 0x7f800000; }
fn with_sign(x: f32, s: f32) -> f32 { return bitcast<f32>(bitcast<u32>(abs(x)) | (bitcast<u32>(s) & 0x80000000)); }
fn signum(x: f32) -> f32 { return select(x, with_sign(1, x), x < 0 || x > 0); }
fn saturated_i32(x: f32) -> i32 { return select(select(i32(x), 2147483647, x >= 2147483648f), 0, is_nan(x)); }
fn saturated_u32(x: f32) -> u32 { return select(select(u32(max(x, 0)), 4294967295, x >= 4294967296f), 0, is_nan(x)); }
fn exponential(x: f32) -> f32 { return select(exp(x), x, is_nan(x)); }
fn exponential_minus_one(x: f32) -> f32 { return select(exponential(x) - 1, ${expSeries}, abs(x) < 0.5); }
fn logarithm_near_one(x: f32) -> f32 { let s = x / (2 + x); return ${logSeries}; }
fn logarithm(x: f32) -> f32 {
  if (x == 0 || x < 0 || is_nan(x)) { return from_bits(select(0x7fc00000u, 0xff800000u, x == 0)); }
  return select(log(x), logarithm_near_one(x - 1), abs(x - 1) < 0.5);
}
fn sine(x: f32, quarters: i32) -> f32 {
  let n = round(x * 0.636619772);
  let r = ((x - n * 1.5703125) - n * 4.837512969970703e-4) - n * 7.549789948768648e-8;
  let turn = i32(n) + quarters;
  let size = select(${sinSeries}, ${cosSeries}, (turn & 1) == 1);
  return select(size, -size, (turn & 2) == 2);
}
fn logarithm_of_one_plus(x: f32) -> f32 { return select(logarithm(1 + x), logarithm_near_one(x), abs(x) < 0.5); }
fn hyperbolic_tangent(x: f32) -> f32 { let e = exponential_minus_one(-2 * abs(x)); return with_sign(e / (e + 2), x); }
fn error_function(x: f32) -> f32 {
  let t = 1 / (1 + 0.3275911 * abs(x));
  return select(with_sign(1 - ${erfTail} * exponential(-x * x), x), ${erfSeries}, abs(x) < 1);
}
fn maximum(a: f32, b: f32) -> f32 {
  let larger = select(max(a, b), bitcast<f32>(bitcast<u32>(a) & bitcast<u32>(b)), a == b);
  return select(select(larger, b, is_nan(b)), a, is_nan(a));
}
fn minimum(a: f32, b: f32) -> f32 { return -maximum(-a, -b); }
fn remainder(a: f32, b: f32) -> f32 {
  if (is_nan(a) || is_nan(b) || b == 0 || abs(a) > 3.4028234e38) { return from_bits(0x7fc00000); }
  if (abs(a) < abs(b)) { return a; }
  var rest = abs(a); var part = abs(b);
  while (part <= rest / 2) { part *= 2; }
  while (part >= abs(b)) { rest -= select(0, part, part <= rest); part /= 2; }
  return with_sign(rest, a);
}
fn power_f32(x: f32, y: f32) -> f32 {
  if (y == 0 || x == 1) { return 1; }
  if (is_nan(x) || is_nan(y)) { return x + y; }
  if (x < 0 && x >= -3.4028234e38 && y != trunc(y)) { return from_bits(0x7fc00000); }
  let size = select(select(pow(abs(x), y), from_bits(select(0u, 0x7f800000u, y < 0)), x == 0), 1, abs(x) == 1);
  return select(size, with_sign(size, x), fract(abs(y) / 2) == 0.5);
}
fn power_u32(x: u32, y: u32) -> u32 {
  var result = 1u; var square = x;
  for (var n = y; n > 0; n >>= 1) { result *= select(1, square, (n & 1) == 1); square *= square; }
  return result;
}
fn power_i32(x: i32, y: i32) -> i32 {
  if (y >= 0) { return bitcast<i32>(power_u32(bitcast<u32>(x), u32(y))); }
  return select(select(0, select(1, x, (y & 1) == 1), abs(x) == 1), -1, x == 0);
}
fn angle(y: f32, x: f32) -> f32 {
  let size = select(atan2(abs(y), x), 3.14159265, y == 0 && (bitcast<u32>(x) >> 31) == 1);
  return select(with_sign(size, y), x + y, is_nan(x) || is_nan(y));
}
fn threefry(a: u32, b: u32, c: u32, d: u32) -> u32 {
  var key = array(a, b, a ^ b ^ 0x1bd11bda);
  var turns = array(13u, 15u, 26u, 6u, 17u, 29u, 16u, 24u);
  var x = vec2(c + a, d + b);
  for (var round = 0u; round < 20; round++) {
    let turn = turns[round & 7]; let s = round / 4 + 1;
    x.x += x.y;
    x.y = ((x.y << turn) | (x.y >> (32 - turn))) ^ x.x;
    if ((round & 3) == 3) { x += vec2(key[s % 3], key[(s + 1) % 3] + s); }
  }
  return x.x;
}
`;
}
