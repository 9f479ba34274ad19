/** Results written out by hand where a device is most likely to differ: rows of arguments and, last, the result. */
import type { DType, Opcode } from '@antler/core';

/** One opcode on given dtypes. */
export interface Edge {
  readonly op: Opcode;
  readonly from: readonly DType[];
  readonly to: DType;
  readonly rows: readonly (readonly number[])[];
}

function unary(op: Opcode, dtype: DType, ...rows: readonly (readonly number[])[]): Edge {
  return { op, from: [dtype], to: dtype, rows };
}

function binary(op: Opcode, dtype: DType, ...rows: readonly (readonly number[])[]): Edge {
  return { op, from: [dtype, dtype], to: dtype, rows };
}

function comparison(op: Opcode, dtype: DType, ...rows: readonly (readonly number[])[]): Edge {
  return { op, from: [dtype, dtype], to: 'bool', rows };
}

function cast(from: DType, to: DType, ...rows: readonly (readonly number[])[]): Edge {
  return { op: 'cast', from: [from], to, rows };
}

function bitcast(from: DType, to: DType, ...rows: readonly (readonly number[])[]): Edge {
  return { op: 'bitcast', from: [from], to, rows };
}

const low = -2147483648;
const high = 2147483647;
const all = 4294967295;
const words: readonly DType[] = ['uint32', 'uint32', 'uint32', 'uint32'];

// prettier-ignore
const erfs = [
  [0, 0], [0.001, 0.0011283787909692365], [0.1, 0.1124629160182849], [0.25, 0.2763263901682369],
  [0.5, 0.5204998778130465], [0.84375, 0.7672256612323416], [-1, -0.8427007929497149], [1.25, 0.9229001282564582],
  [1.5, 0.9661051464753108], [2, 0.9953222650189527], [-2.5, -0.999593047982555], [3, 0.9999779095030014],
  [4, 0.9999999845827421], [6, 1], [Infinity, 1], [-Infinity, -1], [NaN, NaN],
] as const;

/** The table. */
// prettier-ignore
export const edges: readonly Edge[] = [
  unary('neg', 'int32', [5, -5], [low, low], [high, -high]),
  unary('neg', 'uint8', [1, 255], [0, 0], [200, 56]),
  unary('abs', 'int32', [-5, 5], [low, low]),
  unary('abs', 'int8', [-128, -128], [-127, 127]),
  unary('sign', 'float32', [-7.5, -1], [0, 0], [Infinity, 1], [NaN, NaN]),
  unary('sign', 'uint32', [all, 1], [0, 0]),
  unary('floor', 'float32', [2.7, 2], [-2.1, -3], [8388607.5, 8388607], [-Infinity, -Infinity]),
  unary('ceil', 'float32', [2.1, 3], [-2.7, -2], [8388607.5, 8388608], [NaN, NaN]),
  unary('round', 'float32', [0.5, 0], [1.5, 2], [2.5, 2], [-0.5, 0], [-1.5, -2], [-2.5, -2], [0.49999997, 0], [8388609, 8388609], [Infinity, Infinity]),
  unary('exp', 'float32', [0, 1], [1, Math.E], [89, Infinity], [-Infinity, 0], [NaN, NaN]),
  unary('expm1', 'float32', [1e-7, 1.00000005e-7], [0, 0], [-Infinity, -1], [-100, -1], [89, Infinity]),
  unary('log', 'float32', [1, 0], [0, -Infinity], [-1, NaN], [Infinity, Infinity], [Math.E, 0.9999999999999999]),
  unary('log1p', 'float32', [1e-7, 9.9999995e-8], [0, 0], [-1, -Infinity], [-2, NaN], [Infinity, Infinity]),
  unary('sqrt', 'float32', [4, 2], [0, 0], [-1, NaN], [2, Math.SQRT2], [Infinity, Infinity]),
  unary('sin', 'float32', [0, 0], [1, 0.8414709848078965], [Infinity, NaN]),
  unary('cos', 'float32', [0, 1], [1, 0.5403023058681398], [-Infinity, NaN]),
  unary('tanh', 'float32', [0, 0], [20, 1], [-20, -1], [1, 0.7615941559557649], [Infinity, 1], [-Infinity, -1], [NaN, NaN]),
  unary('logistic', 'float32', [0, 0.5], [1, 0.7310585786300049], [-80, 1.8048513878454153e-35], [100, 1], [Infinity, 1], [-Infinity, 0], [NaN, NaN]),
  unary('erf', 'float32', ...erfs),
  unary('erf', 'float64', ...erfs),
  cast('float32', 'int32', [3.9, 3], [-3.9, -3], [-0.5, 0], [3e9, high], [-3e9, low], [Infinity, high], [-Infinity, low], [NaN, 0]),
  cast('float32', 'uint32', [3e9, 3000000000], [-1, 0], [5e9, all], [NaN, 0], [Infinity, all], [0.9, 0]),
  cast('float32', 'int8', [127.9, 127], [200, 127], [-200, -128], [-1.5, -1], [NaN, 0]),
  cast('float32', 'uint8', [255.5, 255], [300, 255], [-5, 0], [NaN, 0]),
  cast('float32', 'bool', [0, 0], [-0, 0], [0.1, 1], [-3, 1], [NaN, 1], [Infinity, 1]),
  cast('float32', 'float16', [1 / 3, 0.333251953125], [65519, 65504], [65520, Infinity], [2049, 2048], [2051, 2052], [NaN, NaN]),
  cast('float32', 'bfloat16', [1 / 3, 0.333984375], [257, 256], [259, 260], [Infinity, Infinity]),
  cast('float64', 'float32', [1 / 3, 0.3333333432674408], [1e39, Infinity], [16777217, 16777216]),
  cast('int32', 'int8', [200, -56], [-129, 127], [65535, -1], [5, 5]),
  cast('int32', 'uint8', [-1, 255], [256, 0], [300, 44]),
  cast('int32', 'uint32', [-1, all], [low, 2147483648]),
  cast('int32', 'float32', [16777217, 16777216], [16777219, 16777220], [low, low], [high, 2147483648]),
  cast('int32', 'bool', [0, 0], [256, 1], [low, 1]),
  cast('uint32', 'int32', [all, -1], [2147483648, low]),
  cast('uint32', 'float32', [all, 4294967296], [3000000000, 3000000000]),
  cast('int8', 'uint32', [-1, all], [-128, 4294967168]),
  cast('uint8', 'int8', [255, -1], [128, -128]),
  cast('bool', 'float32', [1, 1], [0, 0]),
  cast('bool', 'int32', [1, 1], [0, 0]),
  bitcast('float32', 'int32', [1, 1065353216], [-2, -1073741824], [Infinity, 2139095040]),
  bitcast('float32', 'uint32', [1, 1065353216], [-2, 3221225472]),
  bitcast('int32', 'float32', [1078530011, 3.1415927410125732], [0, 0], [-1082130432, -1]),
  bitcast('int32', 'uint32', [-1, all], [low, 2147483648]),
  bitcast('uint32', 'int32', [all, -1], [7, 7]),
  bitcast('int8', 'uint8', [-1, 255], [-128, 128], [5, 5]),
  bitcast('uint8', 'int8', [255, -1], [128, -128]),
  bitcast('float16', 'bfloat16', [1, 0.0078125], [-1, -0.0078125]),
  binary('add', 'float32', [1, 2 ** -25, 1], [Infinity, -Infinity, NaN], [3e38, 3e38, Infinity], [0.1, 0.2, 0.30000001192092896]),
  binary('add', 'int32', [high, 1, low], [low, -1, high]),
  binary('add', 'uint32', [all, 1, 0]),
  binary('add', 'int8', [127, 1, -128], [-128, -1, 127]),
  binary('add', 'uint8', [255, 1, 0], [200, 100, 44]),
  binary('sub', 'uint32', [0, 1, all]),
  binary('sub', 'int8', [-128, 1, 127]),
  binary('mul', 'float32', [Infinity, 0, NaN], [1e30, 1e30, Infinity]),
  binary('mul', 'int32', [65536, 65536, 0], [high, high, 1], [low, -1, low], [123456789, 987654321, -67153019]),
  binary('mul', 'uint32', [all, all, 1], [123456789, 987654321, 4227814277]),
  binary('mul', 'int8', [100, 3, 44], [-128, -1, -128]),
  binary('mul', 'uint8', [16, 17, 16]),
  binary('div', 'float32', [1, 0, Infinity], [-1, 0, -Infinity], [0, 0, NaN], [1, 3, 0.3333333432674408]),
  binary('div', 'int32', [7, 2, 3], [-7, 2, -3], [7, -2, -3], [5, 0, -1], [0, 0, -1], [low, -1, low]),
  binary('div', 'uint32', [5, 0, all], [all, 2, high], [7, all, 0]),
  binary('div', 'int8', [-128, -1, -128], [100, 7, 14], [1, 0, -1]),
  binary('div', 'uint8', [200, 3, 66], [1, 0, 255]),
  binary('rem', 'float32', [-5.5, 2, -1.5], [5.5, -2, 1.5], [5, Infinity, 5], [5, 0, NaN], [Infinity, 2, NaN]),
  binary('rem', 'int32', [-7, 2, -1], [7, -2, 1], [5, 0, 5], [low, -1, 0]),
  binary('rem', 'uint32', [all, 10, 5], [5, 0, 5]),
  binary('pow', 'float32', [1, NaN, 1], [1, Infinity, 1], [-1, Infinity, 1], [-1, -Infinity, 1], [NaN, 0, 1], [-8, 1 / 3, NaN], [0, -1, Infinity], [-2, 3, -8], [2, -1, 0.5], [0, 0, 1], [0.5, Infinity, 0], [-Infinity, 3, -Infinity]),
  binary('pow', 'int32', [2, 31, low], [3, 0, 1], [-2, 3, -8], [0, 0, 1], [3, 40, 689956897]),
  binary('pow', 'uint8', [3, 6, 217], [2, 8, 0]),
  binary('max', 'float32', [NaN, 1, NaN], [1, NaN, NaN], [-Infinity, 2, 2]),
  binary('max', 'int32', [low, high, high], [-1, 0, 0]),
  binary('max', 'uint32', [all, 1, all], [2147483648, high, 2147483648]),
  binary('min', 'float32', [NaN, 1, NaN], [1, NaN, NaN], [-Infinity, 2, -Infinity]),
  binary('min', 'uint32', [all, 1, 1], [2147483648, high, high]),
  binary('min', 'int8', [-128, 127, -128]),
  binary('atan2', 'float32', [1, -1, 2.356194490192345], [0, -1, Math.PI], [-1, 0, -Math.PI / 2], [0, 0, 0], [-0, -1, -Math.PI], [Infinity, Infinity, Math.PI / 4], [NaN, 1, NaN]),
  binary('and', 'int32', [-1, 255, 255], [12, 10, 8]),
  binary('and', 'bool', [1, 1, 1], [1, 0, 0], [0, 0, 0]),
  binary('or', 'uint32', [2147483648, 1, 2147483649]),
  binary('or', 'bool', [1, 1, 1], [1, 0, 1], [0, 0, 0]),
  binary('xor', 'int8', [-1, 1, -2], [12, 10, 6]),
  binary('xor', 'bool', [1, 1, 0], [1, 0, 1], [0, 0, 0]),
  binary('shl', 'int32', [1, 31, low], [1, 33, 2], [1, -1, low], [-1, 4, -16]),
  binary('shl', 'int8', [1, 7, -128], [1, 9, 2], [100, 1, -56]),
  binary('shl', 'uint8', [128, 1, 0], [3, 8, 3]),
  binary('shr', 'int32', [-8, 1, -4], [low, 31, -1], [8, 32, 8]),
  binary('shr', 'uint32', [2147483648, 31, 1], [all, 4, 268435455]),
  binary('shr', 'int8', [-128, 7, -1], [64, 3, 8]),
  binary('shr', 'uint8', [200, 3, 25], [200, 11, 25]),
  comparison('eq', 'float32', [NaN, NaN, 0], [0, -0, 1], [1, 1, 1], [1, 2, 0]),
  comparison('ne', 'float32', [NaN, NaN, 1], [0, -0, 0], [1, 2, 1]),
  comparison('lt', 'float32', [NaN, 1, 0], [1, NaN, 0], [-Infinity, Infinity, 1], [1, 1, 0]),
  comparison('le', 'float32', [NaN, 1, 0], [1, 1, 1], [2, 1, 0]),
  comparison('lt', 'uint32', [1, all, 1], [all, 1, 0]),
  comparison('lt', 'int32', [low, high, 1], [-1, 1, 1], [1, -1, 0]),
  comparison('le', 'uint8', [200, 100, 0], [100, 200, 1]),
  comparison('lt', 'bool', [0, 1, 1], [1, 0, 0]),
  comparison('eq', 'bool', [1, 1, 1], [1, 0, 0]),
  { op: 'select', from: ['bool', 'float32', 'float32'], to: 'float32', rows: [[1, 2, NaN, 2], [0, NaN, 3, 3], [1, NaN, 0, NaN]] },
  { op: 'select', from: ['bool', 'bool', 'bool'], to: 'bool', rows: [[1, 1, 0, 1], [0, 1, 0, 0]] },
  { op: 'select', from: ['bool', 'uint32', 'uint32'], to: 'uint32', rows: [[1, all, 0, all], [0, all, 7, 7]] },
  // The published test vectors of Threefry-2x32-20: key, counter, first word.
  { op: 'random', from: words, to: 'uint32', rows: [
    [0, 0, 0, 0, 0x6b200159],
    [all, all, all, all, 0x1cb996fc],
    [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3, 0xc4923a9c],
  ] },
];
