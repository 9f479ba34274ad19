/**
 * What a graph means, node by node, on nested index loops. Written for being obviously right: nothing is shared with lowering
 * but the types, and every node's result is rounded to its dtype.
 */
import {
  opcodes,
  stridesOf,
  type ConvKernel,
  type DType,
  type Graph,
  type GraphNode,
  type Opcode,
  type Primitive,
  type Type,
} from '@antler/core';
import { convolved } from '../../../../test/conformance/convolution.js';
import { folded, meaning } from '../../../../test/conformance/meaning.js';

/** Row-major numbers. */
export type Numbers = readonly number[];

type Index = readonly number[];
type NodeOf<P extends Primitive> = Extract<GraphNode, { primitive: P }>;

interface Tensor extends Type {
  readonly data: Numbers;
}

/** Outputs of a graph for its inputs. */
export function evaluate(graph: Graph, inputs: readonly Numbers[]): Numbers[] {
  const values: Numbers[] = [...inputs];
  for (const node of graph.nodes) {
    const args = node.inputs.map((value): Tensor => ({ ...graph.types[value]!, data: values[value]! }));
    const types = node.outputs.map((value) => graph.types[value]!);
    const results = compute(node, args, types);
    node.outputs.forEach((value, i) => (values[value] = results[i]!));
  }
  return graph.outputs.map((value) => values[value]!);
}

function compute(node: GraphNode, args: readonly Tensor[], types: readonly Type[]): readonly Numbers[] {
  if (Object.hasOwn(opcodes, node.primitive)) return [elementwise(node.primitive as Opcode, args, types[0]!)];
  const rule = rules[node.primitive as keyof typeof rules] as unknown as Rule<Primitive>;
  return rule(node, args, types);
}

function elementwise(op: Opcode, args: readonly Tensor[], { dtype }: Type): Numbers {
  const from = args.map((arg) => arg.dtype);
  return args[0]!.data.map((_, i) =>
    meaning(
      op,
      args.map(({ data }) => data[i]!),
      from,
      dtype,
    ),
  );
}

/** Every index of a shape in row-major order. */
export function indicesOf(shape: Index): Index[] {
  return shape.reduce<Index[]>(
    (all, size) => all.flatMap((at) => Array.from({ length: size }, (_, i) => [...at, i])),
    [[]],
  );
}

function at({ shape, data }: Pick<Tensor, 'shape' | 'data'>, index: Index): number {
  return data[position(shape, index)]!;
}

const position = (shape: Index, index: Index): number =>
  stridesOf(shape).reduce((sum, stride, axis) => sum + stride * index[axis]!, 0);

/** A result whose elements are found one by one. */
const build = ({ shape }: Type, element: (index: Index) => number): Numbers => indicesOf(shape).map(element);

type Rule<P extends Primitive> = (
  node: NodeOf<P>,
  args: readonly Tensor[],
  types: readonly Type[],
) => readonly Numbers[];

const badIndex = (dtype: DType): number => (dtype.startsWith('float') ? NaN : 0);

/** Starts of a window that lies within a shape. */
const clamped = ({ data }: Tensor, shape: Index, sizes: Index): Index =>
  data.map((start, axis) => Math.min(Math.max(start, 0), shape[axis]! - sizes[axis]!));

const rules: { readonly [P in Exclude<Primitive, Opcode>]: Rule<P> } = {
  const: ({ params }) => [[params.value]],
  iota: ({ params }) => [Array.from({ length: params.length }, (_, i) => i)],
  reshape: (_node, [x]) => [x!.data],
  transpose: ({ params }, [x], [type]) => [
    build(type!, (index) => {
      const from = new Array<number>(index.length);
      params.permutation.forEach((axis, i) => (from[axis] = index[i]!));
      return at(x!, from);
    }),
  ],
  broadcast: ({ params }, [x], [type]) => [
    build(type!, (index) =>
      at(
        x!,
        params.axes.map((axis, i) => (x!.shape[i] === 1 ? 0 : index[axis]!)),
      ),
    ),
  ],
  slice: ({ params }, [x], [type]) => [
    build(type!, (index) =>
      at(
        x!,
        index.map((i, axis) => params.start[axis]! + i * params.stride[axis]!),
      ),
    ),
  ],
  flip: ({ params }, [x], [type]) => [
    build(type!, (index) =>
      at(
        x!,
        index.map((i, axis) => (params.axes.includes(axis) ? x!.shape[axis]! - 1 - i : i)),
      ),
    ),
  ],
  window: ({ params: { axes, strides, dilation } }, [x], [type]) => [
    build(type!, (index) => {
      const from = index.slice(0, x!.shape.length);
      axes.forEach((axis, i) => {
        from[axis] = index[axis]! * strides[i]! + index[x!.shape.length + i]! * dilation[i]!;
      });
      return at(x!, from);
    }),
  ],
  pad: ({ params: { low, interior } }, [x, value], [type]) => {
    const result = build(type!, () => value!.data[0]!) as number[];
    for (const index of indicesOf(x!.shape)) {
      const to = index.map((i, axis) => low[axis]! + i * (interior[axis]! + 1));
      if (to.every((i, axis) => i >= 0 && i < type!.shape[axis]!)) result[position(type!.shape, to)] = at(x!, index);
    }
    return [result];
  },
  concat: ({ params: { axis } }, args, [type]) => [
    build(type!, (index) => {
      let i = index[axis]!;
      for (const arg of args) {
        if (i < arg.shape[axis]!) return at(arg, index.with(axis, i));
        i -= arg.shape[axis]!;
      }
      throw new Error('beyond the last operand');
    }),
  ],
  gather: ({ params: { batch } }, [x, indices], [type]) => {
    const depth = indices!.shape.length - 1;
    const count = indices!.shape[depth]!;
    return [
      build(type!, (index) => {
        const picked = Array.from({ length: count }, (_, k) => at(indices!, [...index.slice(0, depth), k]));
        const limits = x!.shape.slice(batch, batch + count);
        const wrapped = picked.map((i, k) => (i < 0 ? i + limits[k]! : i));
        if (wrapped.some((i, k) => i < 0 || i >= limits[k]!)) return badIndex(x!.dtype);
        return at(x!, [...index.slice(0, batch), ...wrapped, ...index.slice(depth)]);
      }),
    ];
  },
  scatter: ({ params: { batch, mode } }, [x, indices, updates]) => {
    const result = [...x!.data];
    const depth = indices!.shape.length - 1;
    const count = indices!.shape[depth]!;
    const limits = x!.shape.slice(batch, batch + count);
    for (const index of indicesOf(updates!.shape)) {
      const picked = Array.from({ length: count }, (_, k) => at(indices!, [...index.slice(0, depth), k]));
      const wrapped = picked.map((i, k) => (i < 0 ? i + limits[k]! : i));
      if (wrapped.some((i, k) => i < 0 || i >= limits[k]!)) continue;
      const to = position(x!.shape, [...index.slice(0, batch), ...wrapped, ...index.slice(depth)]);
      const value = at(updates!, index);
      result[to] = mode === 'set' ? value : meaning(mode, [result[to]!, value], [x!.dtype, x!.dtype], x!.dtype);
    }
    return [result];
  },
  dynamicSlice: ({ params: { sizes } }, [x, starts], [type]) => {
    const from = clamped(starts!, x!.shape, sizes);
    return [
      build(type!, (index) =>
        at(
          x!,
          index.map((i, axis) => from[axis]! + i),
        ),
      ),
    ];
  },
  dynamicUpdateSlice: (_node, [x, starts, updates]) => {
    const result = [...x!.data];
    const from = clamped(starts!, x!.shape, updates!.shape);
    for (const index of indicesOf(updates!.shape)) {
      const to = index.map((i, axis) => from[axis]! + i);
      result[position(x!.shape, to)] = at(updates!, index);
    }
    return [result];
  },
  cumulate: ({ params: { op, axis, reverse, exclusive } }, [x], [type]) => [
    build(type!, (index) => {
      const i = index[axis]!;
      const entries = Array.from({ length: x!.shape[axis]! }, (_, k) => k);
      const before = entries.filter((k) => (reverse ? k > i : k < i) || (k === i && !exclusive));
      return folded(
        op,
        before.map((k) => at(x!, index.with(axis, k))),
        type!.dtype,
      );
    }),
  ],
  sort: ({ params: { axis, descending } }, args) => {
    const keys = args[0]!;
    const before = (a: number, b: number): number =>
      Number.isNaN(a) || Number.isNaN(b)
        ? Number(Number.isNaN(a)) - Number(Number.isNaN(b))
        : descending
          ? b - a
          : a - b;
    const results = args.map(({ data }) => [...data]);
    for (const row of indicesOf(keys.shape.with(axis, 1))) {
      const places = Array.from({ length: keys.shape[axis]! }, (_, i) => row.with(axis, i));
      const sorted = places.toSorted((a, b) => before(at(keys, a), at(keys, b)) || 0);
      args.forEach((arg, k) =>
        sorted.forEach((from, i) => (results[k]![position(keys.shape, places[i]!)] = at(arg, from))),
      );
    }
    return results;
  },
  reduce: ({ params: { op, axes } }, [x], [type]) => {
    const lists = indicesOf(type!.shape).map((): number[] => []);
    for (const index of indicesOf(x!.shape)) {
      const kept = index.filter((_, axis) => !axes.includes(axis));
      lists[position(type!.shape, kept)]!.push(at(x!, index));
    }
    return [lists.map((list) => folded(op, list, x!.dtype))];
  },
  dot: ({ params: { contract, batch } }, [a, b], [type]) => {
    const rest = ([a!, b!] as const).map(({ shape }, side) =>
      shape.flatMap((_, axis) => (contract[side]!.includes(axis) || batch[side]!.includes(axis) ? [] : [axis])),
    );
    const inner = indicesOf(contract[0].map((axis) => a!.shape[axis]!));
    const pick = (side: 0 | 1, index: Index, k: Index): Index => {
      const full = new Array<number>((side === 0 ? a! : b!).shape.length);
      const own = batch[0].length + (side === 0 ? 0 : rest[0]!.length);
      batch[side].forEach((axis, i) => (full[axis] = index[i]!));
      rest[side]!.forEach((axis, i) => (full[axis] = index[own + i]!));
      contract[side].forEach((axis, i) => (full[axis] = k[i]!));
      return full;
    };
    return [
      build(type!, (index) => {
        const products = inner.map((k) => at(a!, pick(0, index, k)) * at(b!, pick(1, index, k)));
        return folded('sum', products, type!.dtype);
      }),
    ];
  },
  conv: ({ params }, [a, b], [type]) => {
    const names = ({ output: ['input', 'kernel'], input: ['output', 'kernel'], kernel: ['input', 'output'] } as const)[
      params.map
    ];
    const shapes = { [names[0]]: a!.shape, [names[1]]: b!.shape, [params.map]: type!.shape } as Pick<
      ConvKernel,
      'input' | 'kernel' | 'output'
    >;
    return [convolved({ ...params, ...shapes }, a!.data, b!.data).map((sum) => folded('sum', [sum], type!.dtype))];
  },
  stopGradient: (_node, [x]) => [x!.data],
  barrier: (_node, args) => args.map(({ data }) => data),
  composite: ({ params }, args) =>
    evaluate(
      params.body,
      args.map(({ data }) => data),
    ),
  scan: ({ params: { body, length, carries, sequences, reverse } }, args, types) => {
    const constants = args.length - carries - sequences;
    const fixed = args.slice(0, constants).map(({ data }) => data);
    let carry = args.slice(constants, constants + carries).map(({ data }) => data);
    const entries: Numbers[][] = types.slice(carries).map(() => new Array<Numbers>(length));
    for (let turn = 0; turn < length; turn++) {
      const i = reverse ? length - 1 - turn : turn;
      const step = args.slice(constants + carries).map(({ data }) => {
        const size = data.length / length;
        return data.slice(i * size, (i + 1) * size);
      });
      const results = evaluate(body, [...fixed, ...carry, ...step]);
      [...results.slice(carries), ...carry].forEach((entry, k) => (entries[k]![i] = entry));
      carry = results.slice(0, carries);
    }
    return [...carry, ...entries.map((list) => list.flat())];
  },
};
