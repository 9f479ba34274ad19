/** The scalar language of kernels in WGSL: one table of opcodes, and the few functions that WGSL lacks or leaves vague. */
import { dtypes, isFloat, type DType, type Opcode } from '@antler/core';

/** The WGSL type that computes a supported dtype. A bool is a word that holds 0 or 1, in memory and in bodies. */
export const types: Readonly<Partial<Record<DType, 'f32' | 'i32' | 'u32'>>> = {
  float32: 'f32',
  int32: 'i32',
  uint32: 'u32',
  bool: 'u32',
};

/** WGSL of an opcode, given its arguments, the dtype it computes in and the dtype of its result. */
type Renderer = (args: readonly string[], from: DType, to: DType) => string;

const call = (name: string): Renderer => (args) => `${name}(${args.join(', ')})`; // prettier-ignore
const infix = (operator: string): Renderer => ([a, b]) => `${a} ${operator} ${b}`; // prettier-ignore
const comparison = (operator: string): Renderer => ([a, b]) => `select(0u, 1u, ${a} ${operator} ${b})`; // prettier-ignore
/** One text for floats, another for integers. */
const either = (float: Renderer, integer: Renderer): Renderer => (args, from, to) => (isFloat(from) ? float : integer)(args, from, to); // prettier-ignore
const same: Renderer = ([a]) => a!;
const propagatingNaN = (name: string): Renderer => ([a, b]) => `select(select(${name}(${a}, ${b}), ${b}, is_nan(${b})), ${a}, is_nan(${a}))`; // prettier-ignore

/** Every scalar opcode. */
export const renderers: { readonly [O in Opcode]: Renderer } = {
  neg: either(
    ([a]) => `-${a}`,
    ([a]) => `0 - ${a}`,
  ),
  abs: call('abs'),
  sign: ([a], from) => (types[from] === 'f32' ? `signum(${a})` : types[from] === 'i32' ? `sign(${a})` : `min(${a}, 1)`),
  floor: either(call('floor'), same),
  ceil: either(call('ceil'), same),
  round: either(call('round'), same),
  exp: call('exp'),
  expm1: call('exp_minus_one'),
  log: call('logarithm'),
  log1p: call('log_one_plus'),
  sqrt: call('sqrt'),
  sin: call('sin'),
  cos: call('cos'),
  tanh: call('hyperbolic_tangent'),
  logistic: ([a]) => `1 / (1 + exp(-${a}))`,
  erf: call('error_function'),
  cast: ([a], from, to) => {
    if (to === 'bool') return `select(0u, 1u, ${a} != 0)`;
    return isFloat(from) && !isFloat(to) ? `saturate_${types[to]}(${a})` : `${types[to]}(${a})`;
  },
  bitcast: ([a], _from, to) => `bitcast<${types[to]}>(${a})`,
  add: infix('+'),
  sub: infix('-'),
  mul: infix('*'),
  div: either(infix('/'), ([a, b], from) => `select(${a} / ${b}, bitcast<${types[from]}>(~0u), ${b} == 0)`),
  rem: either(call('remainder'), ([a, b]) => `select(${a} % ${b}, ${a}, ${b} == 0)`),
  pow: (args, from) => `power_${types[from]}(${args.join(', ')})`,
  max: either(propagatingNaN('max'), call('max')),
  min: either(propagatingNaN('min'), call('min')),
  atan2: call('atan2'),
  and: infix('&'),
  or: infix('|'),
  xor: infix('^'),
  shl: ([a, b]) => `${a} << (u32(${b}) & 31)`,
  shr: ([a, b]) => `${a} >> (u32(${b}) & 31)`,
  eq: comparison('=='),
  ne: comparison('!='),
  lt: comparison('<'),
  le: comparison('<='),
  select: ([condition, a, b]) => `select(${b}, ${a}, ${condition} != 0)`,
  random: call('threefry'),
};

/** A constant. WGSL has no literal for NaN and the infinities, and a function's argument is never a constant expression. */
export function literal(value: number, dtype: DType): string {
  if (!isFloat(dtype)) return `${types[dtype]}(${dtypes[dtype].kind === 'bool' ? Number(value !== 0) : value})`;
  const single = Math.fround(value);
  if (Number.isFinite(single) && !Object.is(single, -0)) return `f32(${single})`;
  return `from_bits(${new Uint32Array(Float32Array.of(single).buffer)[0]}u)`;
}

/** c₀ + x (c₁ + x (c₂ + …)) */
function polynomial(x: string, terms: number, coefficient: (n: number) => number): string {
  let text = String(coefficient(terms - 1));
  for (let n = terms - 2; n >= 0; n--) text = `fma(${x}, ${text}, ${coefficient(n)})`;
  return text;
}

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1);
}

/** Functions of the table above. NaN is tested on bits, because WGSL lets a compiler assume that there is none. */
export const prelude: string = `
fn from_bits(word: u32) -> f32 { return bitcast<f32>(word); }
fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffff) > 0x7f800000; }
fn with_sign(x: f32, s: f32) -> f32 {
  return bitcast<f32>((bitcast<u32>(x) & 0x7fffffff) | (bitcast<u32>(s) & 0x80000000));
}
fn signum(x: f32) -> f32 { return select(x, with_sign(1, x), x < 0 || x > 0); }
fn saturate_i32(x: f32) -> i32 { return select(select(i32(x), 2147483647, x >= 2147483648f), 0, is_nan(x)); }
fn saturate_u32(x: f32) -> u32 { return select(select(u32(max(x, 0)), 4294967295, x >= 4294967296f), 0, is_nan(x)); }
fn exp_minus_one(x: f32) -> f32 {
  return select(exp(x) - 1, x * ${polynomial('x', 9, (n) => 1 / factorial(n + 1))}, abs(x) < 0.5);
}
fn log_one_plus(x: f32) -> f32 {
  let s = x / (2 + x);
  return select(log(1 + x), 2 * s * ${polynomial('(s * s)', 8, (n) => 1 / (2 * n + 1))}, abs(x) < 0.5);
}
fn logarithm(x: f32) -> f32 { return select(log(x), log_one_plus(x - 1), abs(x - 1) < 0.5); }
fn hyperbolic_tangent(x: f32) -> f32 {
  let e = exp_minus_one(-2 * abs(x));
  return with_sign(e / (e + 2), x);
}
fn error_function(x: f32) -> f32 {
  let t = 1 / (1 + 0.3275911 * abs(x)); // Abramowitz and Stegun 7.1.26; below 1 the Maclaurin series
  let tail = t * ${polynomial('t', 5, (n) => [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429][n]!)};
  let near = x * ${polynomial('(x * x)', 11, (n) => (n % 2 ? -2 : 2) / Math.sqrt(Math.PI) / factorial(n) / (2 * n + 1))};
  return select(with_sign(1 - tail * exp(-x * x), x), near, abs(x) < 1);
}
fn remainder(x: f32, y: f32) -> f32 {
  let b = abs(y);
  var r = abs(x);
  if (r >= b) { r = fma(-trunc(r / b), b, r); }
  r = select(r, r + b, r < 0);
  return select(with_sign(select(r, r - b, r >= b), x), y, is_nan(y));
}
fn power_f32(x: f32, y: f32) -> f32 {
  if (y == 0 || x == 1) { return 1; }
  if (is_nan(x) || is_nan(y)) { return x + y; }
  let odd = fract(abs(y) / 2) == 0.5;
  let r = select(pow(abs(x), y), 1, abs(x) == 1);
  let rootless = x < 0 && y != trunc(y) && (bitcast<u32>(x) != 0xff800000);
  return select(select(r, with_sign(r, x), odd), from_bits(0x7fc00000), rootless);
}
fn power_u32(x: u32, y: u32) -> u32 {
  var r = 1u;
  var square = x;
  for (var n = y; n > 0; n >>= 1) { if ((n & 1) == 1) { r *= square; } square *= square; }
  return r;
}
fn power_i32(x: i32, y: i32) -> i32 {
  if (y >= 0) { return bitcast<i32>(power_u32(bitcast<u32>(x), u32(y))); }
  return select(select(0, 1 - 2 * (y & 1) * i32(x == -1), abs(x) == 1), -1, x == 0);
}
fn threefry(a: u32, b: u32, c: u32, d: u32) -> u32 {
  var key = array(a, b, a ^ b ^ 0x1bd11bda);
  var turns = array(13u, 15u, 26u, 6u, 17u, 29u, 16u, 24u);
  var x = vec2(c + a, d + b);
  for (var round = 0u; round < 20; round++) {
    let turn = turns[round & 7];
    x.x += x.y;
    x.y = ((x.y << turn) | (x.y >> (32 - turn))) ^ x.x;
    let s = round / 4 + 1;
    if ((round & 3) == 3) { x += vec2(key[s % 3], key[(s + 1) % 3] + s); }
  }
  return x.x;
}
`;
