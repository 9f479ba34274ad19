/** 16-bit floats on the native backend: the bits of the reference backend, number by number and kernel by kernel. */
import { describe, expect, test } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import { createNativeBackend } from '@antler/backend-cpu-native';
import { halves, isHalf, viewAs, type Backend, type DType, type Half, type Opcode } from '@antler/core';
import { rowMajor, view, type Body, type Builder, type Place, type Value } from '../conformance/builder.js';
import { Device } from '../conformance/device.js';
import { encode } from '../conformance/numbers.js';
import { defaultTolerance } from '../conformance/tolerance.js';
import { createPairedBackend } from '../paired.js';
import { seeded } from '../seeded.js';
import { withNative } from './native.js';

const both: readonly Half[] = ['float16', 'bfloat16'];
const all = Array.from({ length: 2 ** 16 }, (_, bits) => bits);

/** A backend whatever its executables are. */
type Memory = Backend<ArrayBuffer, object>;

/** Runs a program on both backends, which must leave the same bits; the native one computes on another thread. */
async function agree(define: (build: Builder) => void): Promise<void> {
  const native: Memory = createNativeBackend();
  const waiting: Memory = {
    ...native,
    run(executable, io, scalars) {
      native.run(executable, io, scalars);
      native.readSync!(io[0]!, 1, 'bool');
    },
  };
  const device = new Device(createPairedBackend<object>(waiting, createJsBackend()), defaultTolerance);
  const build = device.builder();
  define(build);
  await device.run(build);
}

/** Stores what `f` makes of each row of some columns of equal length. */
function each(
  build: Builder,
  columns: readonly Place[],
  f: (body: Body, values: readonly Value[]) => readonly Value[],
): void {
  const { shape } = columns[0]!;
  build.loop(shape, 0, (body) => {
    const values = columns.map((column) => body.load(column));
    for (const value of f(body, values)) body.store(build.output(value.dtype, shape), value);
  });
}

withNative(() => {
  describe.each(both)('%s', (dtype) => {
    const other = dtype === 'float16' ? 'bfloat16' : 'float16';
    const { fromBits } = halves[dtype];
    const numbers = all.map(fromBits);

    test('all numbers, rounded after each exact operation, and cast to all dtypes', () =>
      agree((build) => {
        const x = build.input(dtype, [all.length], numbers);
        each(build, [x], (body, [value]) => {
          const unary: readonly Opcode[] = ['neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'sqrt'];
          const casts: readonly DType[] = ['float32', 'float64', 'int32', 'uint32', 'int8', 'uint8', 'bool', other];
          const third = body.constant(1 / 3, dtype);
          return [
            ...unary.map((op) => body.op(op, [value!])),
            ...casts.map((to) => body.op('cast', [value!], to)),
            body.op('mul', [body.op('add', [value!, third]), third]),
            body.op('div', [third, value!]),
          ];
        });
      }));

    test('pairs of numbers of all sizes', () =>
      agree((build) => {
        const chance = seeded(1);
        const drawn = (): number[] => all.map(() => fromBits(chance.whole(0, 0xffff)));
        const x = build.input(dtype, [all.length], drawn());
        // Sizes that meet, and all others.
        const y = build.input(
          dtype,
          [all.length],
          x.values.map((value) => (chance() < 0.5 ? value * (chance() * 4 - 2) : fromBits(chance.whole(0, 0xffff)))),
        );
        each(build, [x, y], (body, [a, b]) => {
          const binary: readonly Opcode[] = ['add', 'sub', 'mul', 'div', 'rem', 'max', 'min', 'eq', 'ne', 'lt', 'le'];
          const less = body.op('lt', [a!, b!]);
          return [...binary.map((op) => body.op(op, [a!, b!])), body.op('select', [less, a!, b!])];
        });
      }));

    test('casts from wider numbers at and beside every tie', () =>
      agree((build) => {
        // Between a number and the next, a float32 away from the middle, and much less.
        const middles = all.slice(0, 0x7c00).map((bits) => (fromBits(bits) + fromBits(bits + 1)) / 2);
        const finite = middles.map((x) => (Number.isFinite(x) ? x : 70000));
        for (const scale of [1, 1 + 2 ** -23, 1 - 2 ** -24, 1 + 2 ** -50, 1 - 2 ** -50, -1, -1 - 2 ** -52]) {
          const values = finite.map((x) => x * scale);
          for (const from of ['float32', 'float64'] as const) {
            const x = build.input(from, [values.length], values);
            each(build, [x], (body, [value]) => [body.op('cast', [value!], dtype)]);
          }
        }
        const chance = seeded(2);
        const whole = all.map(() => (2 ** 31 + chance.whole(-3, 3)) * 2 ** -chance.whole(0, 31) + chance.whole(0, 9));
        const low = whole.map((x) => Math.floor(x / 2));
        for (const [from, list] of [
          ['uint32', whole.map(Math.floor)],
          ['int32', low],
        ] as const) {
          const x = build.input(from, [list.length], list);
          each(build, [x], (body, [value]) => [body.op('cast', [value!], dtype)]);
        }
      }));

    test('folds and running folds of every walk', () =>
      agree((build) => {
        const chance = seeded(3);
        const [rows, columns] = [70, 1300];
        const values = Array.from({ length: rows * columns }, () => halves[dtype].round(chance() * 8 - 4));
        const x = build.input(dtype, [rows, columns], values);
        for (const op of ['sum', 'max', 'min'] as const) {
          const [across, down] = [build.output(dtype, [rows]), build.output(dtype, [columns])];
          const alone = build.output(dtype, []);
          const stored = (body: Body, to: Place, from: Value, strides: readonly number[]): void =>
            // An epilogue on what was rounded.
            body.store(view(to, strides), body.op('add', [body.reduce(op, from), body.constant(1, dtype, 'epilogue')]));
          build.loop([rows, columns], 1, (body) => stored(body, across, body.load(x), [1, 0]));
          build.loop([columns, rows], 1, (body) => stored(body, down, body.load(view(x, [1, columns])), [1, 0]));
          build.loop([rows, columns], 2, (body) => stored(body, alone, body.load(x), [0, 0]));
          const running = build.output(dtype, [rows, columns]);
          const [from, to] = [x, running].map((place) => view(place, rowMajor(place.shape)));
          build.kernel({ kind: 'cumulate', op, exclusive: false, shape: x.shape, x: from!, out: to!, scopes: [] });
        }
      }));

    test('products of whole numbers, by the own product and by the library, as matrices lie', () =>
      agree((build) => {
        const chance = seeded(4);
        const draw = (length: number): number[] => Array.from({ length }, () => chance.whole(-4, 4));
        for (const [batch, m, n, k] of [
          [3, 5, 7, 9],
          [2, 1, 70, 40],
          [2, 64, 48, 80],
        ] as const) {
          const a = build.input(dtype, [batch, m, k], draw(batch * m * k));
          // Transposed, and the same for the whole batch.
          const b = build.input(dtype, [n, k], draw(n * k));
          const [y, z] = [build.output(dtype, [batch, m, n]), build.output('float32', [batch, m, n])];
          build.dot({ batch: [batch], m: [m], n: [n], k: [k] }, a, view(b, [0, 1, k]), (sum, epilogue) => {
            epilogue.store(y, epilogue.op('mul', [sum, epilogue.constant(0.1, dtype)]));
            epilogue.store(z, epilogue.op('cast', [sum], 'float32'));
          });
        }
      }));

    test.each(['output', 'input', 'kernel'] as const)('convolutions of whole numbers, map %s', (map) =>
      agree((build) => {
        const chance = seeded(5);
        const draw = (shape: readonly number[]): number[] =>
          Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => chance.whole(-2, 2));
        for (const [side, channels, filters] of [
          [5, 2, 3],
          [12, 16, 32],
        ] as const) {
          const shapes = {
            input: [2, side, side, channels],
            kernel: [3, 3, channels, filters],
            output: [2, side, side, filters],
          };
          const of = { output: ['input', 'kernel'], input: ['output', 'kernel'], kernel: ['input', 'output'] } as const;
          const [a, b] = of[map].map((name) => build.input(dtype, shapes[name], draw(shapes[name])));
          const y = build.output(dtype, shapes[map]);
          const geometry = { map, ...shapes, strides: [1, 1], padding: [[1, 1], [1, 1]], dilation: [1, 1], groups: 1 } as const; // prettier-ignore
          build.conv(geometry, a!, b!, (sum, epilogue) => epilogue.store(y, sum));
        }
      }),
    );

    test('rows that are gathered, scattered, sorted', () =>
      agree((build) => {
        const chance = seeded(6);
        const x = build.input(dtype, [300, 9], numbers.slice(0x3000, 0x3000 + 2700));
        const rows = build.input('int32', [200, 1], Array.from({ length: 200 }, () => chance.whole(-300, 320))); // prettier-ignore
        build.faults();
        const places = { batch: [], index: [200], limits: [300], slice: [9], scopes: [] };
        const [indices, listed] = [view(rows, [1, 1]), build.output(dtype, [200, 9])];
        const site = build.sites('gather', [300]);
        build.kernel({ kind: 'gather', ...places, indices, site, x: view(x, [9, 1]), out: view(listed, [9, 1]) });
        for (const mode of ['set', 'add', 'max', 'min'] as const) {
          const target = build.inout(dtype, [300, 9], numbers.slice(0x2c00, 0x2c00 + 2700));
          const updates = view(build.input(dtype, [200, 9], numbers.slice(0x3400, 0x3400 + 1800)), [9, 1]);
          const scatter = { kind: 'scatter', ...places, indices, site, mode, updates } as const;
          build.kernel({ ...scatter, out: view(target, [9, 1]) });
        }
        for (const descending of [false, true]) {
          const keys = build.input(dtype, [5, 400], Array.from({ length: 2000 }, () => fromBits(chance.whole(0, 0xffff)))); // prettier-ignore
          const sorted = build.output(dtype, [5, 400]);
          const [inputs, outputs] = [[view(keys, [400, 1])], [view(sorted, [400, 1])]];
          build.kernel({ kind: 'sort', descending, shape: [5, 400], inputs, outputs, scopes: [] });
        }
      }));
  });

  test('what is written and read is bits', async () => {
    const backend = createNativeBackend();
    for (const dtype of both) {
      const region = { buffer: backend.alloc(8), byteOffset: 0 };
      const bits = encode([1, -0, Infinity, 1 / 3], dtype);
      backend.write(region, viewAs(dtype, bits, 0, 4), dtype);
      expect(isHalf(dtype) && new Uint16Array(await backend.read(region, 4, dtype))).toEqual(new Uint16Array(bits));
    }
  });
});
