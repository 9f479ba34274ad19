/**
 * The contract of a Program, executable: `checkProgram` verifies every promise of `graph/program.ts` and says which one a
 * program breaks. Backends under test call it at `compile`; nothing calls it in production.
 */
import {
  convRoles,
  convShapes,
  sameShape,
  showShape,
  type ConvMap,
  type DType,
  type FaultSite,
  type Instruction,
  type Kernel,
  type KernelKind,
  type Program,
  type ReduceOp,
  type ScatterMode,
  type Type,
  type View,
} from '@antler/core';
import { checkBody, checkStores } from './body.js';
import { checkAccesses } from './memory.js';
import { checkDType, fail, type Access, type Accesses, type CheckedDevice, type Place } from './place.js';

/**
 * Throws a ValueError that names the kernel, the view and the promise when `program` breaks the contract of
 * `graph/program.ts` or asks more of `device` than its limits and dtypes allow.
 */
export function checkProgram(program: Program, device: CheckedDevice): void {
  checkSlots(program, device);
  const filled = new Set<number>();
  program.slots.forEach(({ role }, slot) => {
    if (role === 'input' || role === 'inout' || slot === program.faults?.slot) filled.add(slot);
  });
  program.scalars.forEach((dtype, i) => checkDType(`scalar ${i}`, dtype, device));
  checkFaults(program, device);
  checkKernels(program.kernels, { program, device, where: '', counts: [], filled });
  program.slots.forEach(({ role, bytes }, slot) => {
    if (role === 'output' && bytes > 0 && !filled.has(slot)) {
      fail(`slot ${slot}`, 'an output that some kernel writes', 'one that none does');
    }
  });
}

function checkSlots({ slots }: Program, { limits }: CheckedDevice): void {
  let temporary = -1;
  slots.forEach(({ bytes, role }, slot) => {
    if (!Number.isSafeInteger(bytes) || bytes < 0 || bytes > limits.maxBufferBytes) {
      fail(`slot ${slot}`, `a whole number of bytes up to ${limits.maxBufferBytes}`, String(bytes));
    }
    if (role === 'temp') temporary = slot;
    else if (temporary >= 0) {
      fail(`slot ${slot} (${role})`, 'slots of run before temporary ones', `slot ${temporary} (temp) before it`);
    }
  });
}

function checkFaults({ faults, slots }: Program, device: CheckedDevice): void {
  if (faults === null) return;
  const slot = slots[faults.slot];
  const words = 2 * (device.bytes.int32 ?? 4);
  if (slot === undefined || (slot.role !== 'output' && slot.role !== 'inout') || slot.bytes < words) {
    const received =
      slot === undefined ? `slot ${faults.slot} of ${slots.length}` : `${slot.role} of ${slot.bytes} bytes`;
    fail('faults', `an output or inout slot of at least ${words} bytes`, received);
  }
}

function checkKernels(kernels: readonly Kernel[], place: Place): void {
  kernels.forEach((kernel, i) => {
    const scope = kernel.scopes.find((name) => name !== '');
    const where = `${place.where}kernel ${i} (${kernel.kind}${scope === undefined ? '' : `, ${scope}`})`;
    const here: Place = { ...place, where };
    if (place.device.accepts?.(kernel) === false) {
      fail(where, 'a kernel that the backend accepts', 'one that it refuses', 'Lower it one step and offer it again.');
    }
    checkAccesses((accesses[kernel.kind] as (kernel: Kernel, place: Place) => Accesses)(kernel, here), kernel, here);
  });
}

/** What each kind of kernel promises of its own, and what it reads and writes. */
const accesses: { readonly [K in KernelKind]: (kernel: Extract<Kernel, { kind: K }>, place: Place) => Accesses } = {
  loop(kernel, place) {
    const { shape, reduced, body, reductions, epilogue, inputs, stores } = kernel;
    checkSizes(place, 'shape', shape);
    if (!Number.isInteger(reduced) || reduced < 0 || reduced > shape.length) {
      fail(place.where, `0 to ${shape.length} reduced axes`, String(reduced));
    }
    const values: DType[] = [];
    checkBody(place, body, { name: 'body', values, inputs, rank: shape.length, first: 0 });
    reductions.forEach(({ value }, i) => {
      const dtype = values.slice(0, body.length)[value];
      if (dtype === undefined || dtype === 'bool') {
        const received = dtype === undefined ? `value ${value}` : `a bool (value ${value})`;
        fail(`${place.where}, reduction ${i}`, `a number of the body (values 0 to ${body.length - 1})`, received);
      }
      values.push(dtype);
    });
    if (reductions.length === 0 && epilogue.length > 0) {
      fail(place.where, 'an epilogue only after reductions', 'one without', 'Put its instructions in the body.');
    }
    const late = body.length;
    checkBody(place, epilogue, { name: 'epilogue', values, inputs, rank: shape.length - reduced, first: late });
    // Reads and stores after the fold happen once per kept index, so they see reduced axes of one entry.
    const kept = shape.map((n, axis) => (axis < shape.length - reduced ? n : 1));
    const early = loadsOf(body);
    const afterwards = loadsOf(epilogue);
    return {
      reads: inputs.map((view, i) => {
        if (afterwards.has(i)) checkStill(place, `input ${i} (loaded by the epilogue)`, view, shape, reduced);
        return { what: `input ${i}`, view, shape: early.has(i) ? shape : kept, inPlace: true };
      }),
      writes: checkStores(place, stores, values).map(({ view, value }, i) => {
        if (value >= late) checkStill(place, `store ${i} (of a value after the fold)`, view, shape, reduced);
        return { what: `store ${i}`, view, shape: value < late ? shape : kept, inPlace: true };
      }),
    };
  },
  dot(kernel, place) {
    const { batch, m, n, k, a, b, epilogue, inputs, stores } = kernel;
    for (const [name, sizes] of Object.entries({ batch, m, n, k })) checkSizes(place, name, sizes);
    if (kernel.dtype === 'bool') fail(place.where, 'a number dtype', 'bool');
    for (const [what, view] of [['a', a] as const, ['b', b] as const]) {
      if (view.dtype !== kernel.dtype) fail(`${place.where}, ${what}`, kernel.dtype, view.dtype);
    }
    const shape = [...batch, ...m, ...n];
    const values: DType[] = [kernel.dtype];
    checkBody(place, epilogue, { name: 'epilogue', values, inputs, rank: shape.length, first: 0 });
    return {
      reads: [
        { what: 'a', view: a, shape: [...batch, ...m, ...k], inPlace: false },
        { what: 'b', view: b, shape: [...batch, ...k, ...n], inPlace: false },
        ...inputs.map((view, i) => ({ what: `input ${i}`, view, shape, inPlace: true })),
      ],
      writes: checkStores(place, stores, values).map(({ view }, i) => ({
        what: `store ${i}`,
        view,
        shape,
        inPlace: true,
      })),
    };
  },
  conv(kernel, place) {
    const { map, dtype, a, b, epilogue, inputs, stores } = kernel;
    for (const role of Object.keys(convRoles) as ConvMap[]) checkSizes(place, role, kernel[role]);
    const [left, right] = convRoles[map];
    for (const [what, view] of [['a', a] as const, ['b', b] as const]) {
      if (view.dtype !== dtype) fail(`${place.where}, ${what}`, dtype, view.dtype);
    }
    const [typeA, typeB] = [left, right].map((role) => ({ shape: kernel[role], dtype })) as [Type, Type];
    const { [map]: shape } = convShapes(`checkProgram: ${place.where}`, typeA, typeB, kernel);
    if (!sameShape(shape, kernel[map])) fail(`${place.where}, ${map}`, showShape(shape), showShape(kernel[map]));
    const values: DType[] = [dtype];
    checkBody(place, epilogue, { name: 'epilogue', values, inputs, rank: shape.length, first: 0 });
    return {
      reads: [
        { what: 'a', view: a, shape: kernel[left], inPlace: false },
        { what: 'b', view: b, shape: kernel[right], inPlace: false },
        ...inputs.map((view, i) => ({ what: `input ${i}`, view, shape, inPlace: true })),
      ],
      writes: checkStores(place, stores, values).map(({ view }, i) => ({
        what: `store ${i}`,
        view,
        shape,
        inPlace: true,
      })),
    };
  },
  gather(kernel, place) {
    const { batch, index, limits, slice, x, out } = checkIndexed(place, kernel);
    if (x.dtype !== out.dtype) fail(place.where, `out of ${x.dtype} like x`, out.dtype);
    return {
      reads: [
        { what: 'x', view: x, shape: [...batch, ...limits, ...slice], inPlace: false },
        { what: 'indices', view: kernel.indices, shape: [...batch, ...index, limits.length], inPlace: false },
      ],
      writes: [{ what: 'out', view: out, shape: [...batch, ...index, ...slice], inPlace: false }],
    };
  },
  scatter(kernel, place) {
    const { batch, index, limits, slice, updates, out, mode } = checkIndexed(place, kernel);
    if (updates.dtype !== out.dtype) fail(place.where, `updates of ${out.dtype} like out`, updates.dtype);
    if (!Object.hasOwn(scatterModes, mode)) fail(place.where, `a mode (${Object.keys(scatterModes).join(', ')})`, mode);
    const target: Access = { what: 'out', view: out, shape: [...batch, ...limits, ...slice], inPlace: true };
    const single = index.every((n) => n === 1);
    return {
      reads: [
        { what: 'updates', view: updates, shape: [...batch, ...index, ...slice], inPlace: false },
        { what: 'indices', view: kernel.indices, shape: [...batch, ...index, limits.length], inPlace: false },
        { ...target, what: 'out (its starting values)' },
      ],
      // One window is written, so the places that it may have overlap.
      writes: [single ? { ...target, overlaps: new Set(limits.map((_, k) => batch.length + k)) } : target],
    };
  },
  cumulate({ op, shape, x, out }, place) {
    checkSizes(place, 'shape', shape);
    if (shape.length === 0) fail(place.where, 'an axis to cumulate', 'none');
    if (x.dtype === 'bool' || x.dtype !== out.dtype) {
      fail(place.where, 'x and out of one number dtype', `${x.dtype} and ${out.dtype}`);
    }
    if (!Object.hasOwn(reduceOps, op)) fail(place.where, `a fold (${Object.keys(reduceOps).join(', ')})`, op);
    return {
      reads: [{ what: 'x', view: x, shape, inPlace: false }],
      writes: [{ what: 'out', view: out, shape, inPlace: false }],
    };
  },
  sort({ shape, inputs, outputs }, place) {
    checkSizes(place, 'shape', shape);
    if (shape.length === 0) fail(place.where, 'an axis to sort', 'none');
    const types = (views: readonly View[]): string => views.map(({ dtype }) => dtype).join(', ');
    if (inputs.length === 0 || types(inputs) !== types(outputs)) {
      fail(place.where, `keys first, outputs of ${types(inputs)}`, types(outputs));
    }
    const list = (name: string, views: readonly View[]): Access[] =>
      views.map((view, i) => ({ what: `${name} ${i}`, view, shape, inPlace: false }));
    return { reads: list('input', inputs), writes: list('output', outputs) };
  },
  repeat(kernel, place) {
    const { count, kernels } = kernel;
    if (!Number.isSafeInteger(count) || count < 0) fail(place.where, 'a whole number of turns', String(count));
    checkKernels(kernels, { ...place, where: `${place.where} > `, counts: [...place.counts, count] });
    return { reads: [], writes: [] };
  },
  composite({ inputs, outputs }, place) {
    const list = (name: string, operands: typeof inputs): Access[] =>
      operands.map(({ view, shape }, i) => {
        checkSizes(place, `${name} ${i}`, shape);
        return { what: `${name} ${i}`, view, shape, inPlace: true };
      });
    return { reads: list('input', inputs), writes: list('output', outputs) };
  },
};

function loadsOf(instructions: readonly Instruction[]): ReadonlySet<number> {
  return new Set(instructions.flatMap((step) => (step.op === 'load' ? [step.input] : [])));
}

const reduceOps: { readonly [R in ReduceOp]: true } = { sum: true, prod: true, max: true, min: true };

const scatterModes: { readonly [M in ScatterMode]: true } = { set: true, add: true, max: true, min: true };

type Indexed = Extract<Kernel, { kind: 'gather' | 'scatter' }>;

function checkIndexed<K extends Indexed>(place: Place, kernel: K): K {
  const { batch, index, limits, slice, indices, site } = kernel;
  for (const [name, sizes] of Object.entries({ batch, index, limits, slice })) checkSizes(place, name, sizes);
  if (indices.dtype !== 'int32') fail(`${place.where}, indices`, 'int32', indices.dtype);
  if (site === null) return kernel;
  const { faults } = place.program;
  if (faults === null) fail(place.where, 'a program with a fault slot', 'faults: null');
  limits.forEach((limit, k) => {
    const known: FaultSite | undefined = faults.sites[site + k];
    if (known?.limit !== limit) {
      const received = known === undefined ? `${faults.sites.length} sites` : `limit ${known.limit}`;
      fail(`${place.where}, site ${site + k}`, `a fault site with limit ${limit}`, received);
    }
  });
  return kernel;
}

function checkSizes(place: Place, name: string, sizes: readonly number[]): void {
  if (sizes.some((n) => !Number.isSafeInteger(n) || n < 0)) {
    fail(`${place.where}, ${name}`, 'sizes that are whole numbers >= 0', showShape(sizes));
  }
}

function checkStill(place: Place, what: string, { strides }: View, shape: readonly number[], reduced: number): void {
  if (strides.slice(shape.length - reduced).some((stride) => stride !== 0)) {
    fail(`${place.where}, ${what}`, `stride 0 on the last ${reduced} (reduced) axes`, `strides ${showShape(strides)}`);
  }
}
