/** The state of training: the numbers of all variables and the place in the data, as host arrays and as bytes. */
import { ValueError, type DType, type HostArray, type Tensor, type Variable, showShape } from '@antler/core';
import { describe, elementsOf, numbersOf, sizeOf, tensor, viewAs } from '@antler/core';

/** Where training is: how many epochs are done, how many steps of the next one, and the seed of the orders of rows. */
export interface Position {
  readonly epoch: number;
  readonly step: number;
  readonly seed: number;
}

/** The variables that make up the state, by what they belong to. */
export type StateVariables = Readonly<Record<StateGroup, readonly Variable[]>>;

/** What the variables belong to. */
export type StateGroup = (typeof groups)[number];

const groups = ['weights', 'optimizer', 'metrics', 'random'] as const;

/** All that training goes on from. */
export interface ModelState {
  readonly variables: Readonly<Record<StateGroup, readonly HostArray[]>>;
  readonly position: Position;
}

/** Copies variables to the host, all as they are at this moment. */
export async function readState(variables: StateVariables, position: Position): Promise<ModelState> {
  const read = async (value: Tensor): Promise<HostArray> => ({
    data: await value.data(),
    shape: value.shape,
    dtype: value.dtype,
  });
  const readings = groups.map((group) => Promise.all(variables[group].map(({ value }) => read(value))));
  const [weights, optimizer, metrics, random] = (await Promise.all(readings)) as [
    HostArray[],
    HostArray[],
    HostArray[],
    HostArray[],
  ];
  return { variables: { weights, optimizer, metrics, random }, position };
}

/** Assigns a state. Nothing is assigned unless everything fits. */
export function writeState(where: string, variables: StateVariables, state: ModelState): void {
  for (const group of groups) {
    const [own, saved] = [variables[group], state.variables[group]];
    if (own.length !== saved.length) {
      throw new ValueError(describe(`${where}: ${group}`, `${own.length} arrays`, String(saved.length)));
    }
    own.forEach((variable, i) => {
      const [expected, received] = [variable, saved[i]!].map(({ shape, dtype }) => `${dtype} ${showShape(shape)}`);
      if (expected === received) return;
      throw new ValueError(describe(`${where}: ${group}`, `${expected} for ${variable.name}`, received!));
    });
  }
  for (const group of groups) {
    variables[group].forEach((variable, i) => variable.assign(tensor(state.variables[group][i]!)));
  }
}

/** How safetensors writes the dtypes. */
const codes: { readonly [D in DType]: string } = {
  float32: 'F32',
  float64: 'F64',
  float16: 'F16',
  bfloat16: 'BF16',
  int32: 'I32',
  uint32: 'U32',
  uint8: 'U8',
  int8: 'I8',
  bool: 'BOOL',
};

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** A state as the bytes of a safetensors file: the length of a header, the header as JSON, the numbers, little-endian. */
export function encodeState({ variables, position }: ModelState): Uint8Array {
  const parts = groups.flatMap((group) =>
    variables[group].map(({ data, shape, dtype = 'float32' }, i) => {
      return { name: `${group}/${i}`, elements: elementsOf(dtype, data), shape, dtype };
    }),
  );
  const header: Record<string, unknown> = { __metadata__: { position: JSON.stringify(position) } };
  let at = 0;
  for (const { name, elements, shape, dtype } of parts) {
    header[name] = { dtype: codes[dtype], shape, data_offsets: [at, (at += elements.byteLength)] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const start = Math.ceil((8 + text.length) / 8) * 8;
  const bytes = new Uint8Array(start + at).fill(0x20, 8, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(text, 8);
  let to = start;
  for (const { elements } of parts) {
    bytes.set(new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength), to);
    to += elements.byteLength;
  }
  return bytes;
}

/** The state in the bytes of `encodeState`. */
export function decodeState(bytes: Uint8Array): ModelState {
  const fail = (received: string): never => {
    throw new ValueError(describe('decodeState', 'a whole checkpoint', received));
  };
  if (bytes.length < 8) fail(`${bytes.length} bytes`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (8 + length > bytes.length) fail('a file that is cut off');
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<string, Entry> & {
    readonly __metadata__?: { readonly position?: string };
  };
  const { position } = header.__metadata__ ?? {};
  if (position === undefined) return fail('a safetensors file without a position');
  const variables: Record<StateGroup, HostArray[]> = { weights: [], optimizer: [], metrics: [], random: [] };
  for (const group of groups) {
    for (let i = 0; header[`${group}/${i}`] !== undefined; i++) {
      const {
        dtype,
        shape,
        data_offsets: [from, to],
      } = header[`${group}/${i}`]!;
      if (8 + length + to > bytes.length) fail('a file that is cut off');
      // A copy: a Buffer's own slice is a view, and the file need not be aligned in it.
      const elements = new Uint8Array(bytes.subarray(8 + length + from, 8 + length + to)).buffer;
      const name = (Object.keys(codes) as DType[]).find((known) => codes[known] === dtype);
      if (name === undefined) return fail(`numbers of dtype ${dtype}`);
      variables[group].push({ data: numbersOf(name, viewAs(name, elements, 0, sizeOf(shape))), shape, dtype: name });
    }
  }
  return { variables, position: JSON.parse(position) as Position };
}
