// A network as a file of ONNX (opset 17), in its own layout: channels first, kernels [filters, channels, height, width].

import { peer } from '../peers/load.mjs';
import { nets } from './nets.mjs';

/** The part of onnx.proto that is needed here. */
const schema = `
syntax = "proto3";
message AttributeProto { string name = 1; float f = 2; int64 i = 3; repeated int64 ints = 8; int32 type = 20; }
message NodeProto { repeated string input = 1; repeated string output = 2; string op_type = 4; repeated AttributeProto attribute = 5; }
message TensorProto { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
message Dimension { int64 dim_value = 1; }
message TensorShapeProto { repeated Dimension dim = 1; }
message TensorTypeProto { int32 elem_type = 1; TensorShapeProto shape = 2; }
message TypeProto { TensorTypeProto tensor_type = 1; }
message ValueInfoProto { string name = 1; TypeProto type = 2; }
message GraphProto {
  repeated NodeProto node = 1; string name = 2; repeated TensorProto initializer = 5;
  repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12;
}
message OperatorSetIdProto { string domain = 1; int64 version = 2; }
message ModelProto {
  int64 ir_version = 1; string producer_name = 2; GraphProto graph = 7; repeated OperatorSetIdProto opset_import = 8;
}`;

/** Numbers of TensorProto.DataType and AttributeProto.AttributeType. */
const float32 = 1;
const types = { f: 1, i: 2, ints: 7 };

/**
 * A value with the shape of a row as ours has it; `rows` where it was flattened from an image of that shape.
 * @typedef {{ name: string, shape: readonly number[], rows?: readonly number[] }} Value
 *
 * @typedef {{ shape: readonly number[], data: Float32Array }} Weight
 *
 * @typedef {{ fromObject: (value: object) => object, encode: (message: object) => { finish: () => Uint8Array } }} MessageType
 * @typedef {{ parse: (schema: string) => { root: { lookupType: (name: string) => MessageType } } }} Protobuf
 */

/** An array with its axes in another order. @param {Weight} weight @param {readonly number[]} order @returns {Weight} */
export function transposed({ shape, data }, order) {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const sizes = order.map((axis) => shape[axis] ?? 1);
  const result = new Float32Array(data.length);
  const index = sizes.map(() => 0);
  for (let at = 0; at < result.length; at++) {
    result[at] = data[order.reduce((sum, axis, i) => sum + (index[i] ?? 0) * (strides[axis] ?? 0), 0)] ?? NaN;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] ?? 0) + 1;
      if ((index[axis] ?? 0) < (sizes[axis] ?? 0)) break;
      index[axis] = 0;
    }
  }
  return { shape: sizes, data: result };
}

/** What is added below and above so that windows give ⌈size / strides⌉ places. @param {number} size @param {number} window @param {number} strides */
function samePadding(size, window, strides) {
  const all = Math.max((Math.ceil(size / strides) - 1) * strides + window - size, 0);
  return [Math.floor(all / 2), Math.ceil(all / 2)];
}

/**
 * The bytes of the file.
 *
 * @param {string} net
 * @param {readonly Weight[]} weights of our model, in the order in which the network makes its layers
 * @returns {Promise<Uint8Array>}
 */
export async function onnxFile(net, weights) {
  const spec = nets[net];
  if (spec === undefined) throw new Error(`no network '${net}'`);
  /** @type {object[]} */
  const nodes = [];
  /** @type {object[]} */
  const initializers = [];
  const remaining = [...weights];

  /** @returns {Weight} */
  const next = () => {
    const weight = remaining.shift();
    if (weight === undefined) throw new Error(`${net} has too few weights`);
    return weight;
  };
  /** @param {Weight} weight @returns {string} its name */
  const constant = ({ shape, data }) => {
    const name = `w${initializers.length}`;
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    initializers.push({ name, dims: shape, dataType: float32, rawData });
    return name;
  };
  /**
   * @param {string} opType
   * @param {readonly string[]} input
   * @param {readonly number[]} shape
   * @param {Record<string, { f: number } | { i: number } | { ints: readonly number[] }>} [attributes]
   * @returns {Value}
   */
  const node = (opType, input, shape, attributes = {}) => {
    const name = `y${nodes.length}`;
    const attribute = Object.entries(attributes).map(([name, value]) => {
      const [kind] = /** @type {(keyof typeof types)[]} */ (Object.keys(value));
      return { name, ...value, type: types[kind ?? 'i'] };
    });
    nodes.push({ opType, input, output: [name], attribute });
    return { name, shape };
  };
  /** @param {Value} x @param {string | undefined} activation */
  const activated = (x, activation) => (activation === 'relu' ? node('Relu', [x.name], x.shape) : x);

  /** @type {import('./nets.mjs').Builder<Value>} */
  const builder = {
    dense: (x, units, activation) => {
      const kernel = next();
      const rows =
        x.rows === undefined ? undefined : transposed({ shape: [...x.rows, units], data: kernel.data }, [2, 0, 1, 3]);
      const matrix = { shape: kernel.shape, data: rows?.data ?? kernel.data };
      return activated(node('Gemm', [x.name, constant(matrix), constant(next())], [units]), activation);
    },
    conv: (x, { filters, size, strides = 1, groups = 1, padding, bias, activation }) => {
      const [height = 1, width = 1] = x.shape;
      const sides = [height, width].map((side) => (padding === 'same' ? samePadding(side, size, strides) : [0, 0]));
      const places = [height, width].map((side, axis) => {
        const [low = 0, high = 0] = sides[axis] ?? [];
        return Math.floor((side + low + high - size) / strides) + 1;
      });
      const inputs = [x.name, constant(transposed(next(), [3, 2, 0, 1])), ...(bias ? [constant(next())] : [])];
      const y = node('Conv', inputs, [...places, filters], {
        strides: { ints: [strides, strides] },
        pads: { ints: [0, 1].flatMap((end) => sides.map((side) => side[end] ?? 0)) },
        group: { i: groups },
      });
      return activated(y, activation);
    },
    norm: (x) =>
      node('BatchNormalization', [x.name, ...[0, 1, 2, 3].map(() => constant(next()))], x.shape, {
        epsilon: { f: 1e-3 },
      }),
    relu6: (x) => {
      const bounds = [0, 6].map((bound) => constant({ shape: [], data: Float32Array.of(bound) }));
      return node('Clip', [x.name, ...bounds], x.shape);
    },
    maxPool: (x) => {
      const [height = 1, width = 1, channels = 1] = x.shape;
      const shape = [Math.floor(height / 2), Math.floor(width / 2), channels];
      return node('MaxPool', [x.name], shape, { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } });
    },
    globalAverage: (x) => {
      const shape = x.shape.slice(2);
      return node('Flatten', [node('GlobalAveragePool', [x.name], shape).name], shape);
    },
    flatten: (x) => ({ ...node('Flatten', [x.name], [x.shape.reduce((a, b) => a * b, 1)]), rows: x.shape }),
    add: (x, y) => node('Add', [x.name, y.name], x.shape),
  };
  const output = spec.build(builder, { name: 'x', shape: spec.shape });
  if (remaining.length > 0) throw new Error(`${net} has ${remaining.length} weights too many`);

  /** @param {string} name @param {readonly number[]} shape */
  const info = (name, shape) => ({
    name,
    type: { tensorType: { elemType: float32, shape: { dim: [1, ...shape].map((dimValue) => ({ dimValue })) } } },
  });
  const [height, width, channels] = spec.shape;
  const input = info('x', channels === undefined ? spec.shape : [channels, height ?? 1, width ?? 1]);
  const graph = {
    name: net,
    node: nodes,
    initializer: initializers,
    input: [input],
    output: [info(output.name, output.shape)],
  };
  /** @type {{ default: Protobuf }} */
  const { default: protobuf } = await peer('protobufjs');
  const Model = protobuf.parse(schema).root.lookupType('ModelProto');
  const model = { irVersion: 8, producerName: 'antler', graph, opsetImport: [{ domain: '', version: 17 }] };
  return Model.encode(Model.fromObject(model)).finish();
}
