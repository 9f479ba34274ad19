/**
 * The recurrences of LSTM (Hochreiter & Schmidhuber, 1997) and GRU (Cho et al., 2014; the reset gate after the product) over
 * sequences [batch, steps, …] whose products with the input's kernel are made before. Each step is one product with the
 * recurrent kernel and one loop, forwards and backwards; its program does not grow with the number of steps. What the
 * gradient needs are the states before each step and the activated gates, and the recurrent kernel's gradient is one
 * product over all steps.
 */
import { bind } from '../../bind.js';
import { scanPrimitive } from '../primitives/scan.js';
import { traceGraph } from '../../jit/graph.js';
import * as lax from '../../lax.js';
import type { Value } from '../../node.js';
import { composite, type Composite, type CompositeContext } from './composite.js';
import { downRows, like } from './rows.js';

/** Axes 0 and 1 exchanged: steps first for a scan, the batch first for everybody else. */
const turned = (x: Value): Value => lax.transpose(x, [1, 0, 2]);

interface Scan {
  readonly constants: readonly Value[];
  readonly initial: readonly Value[];
  /** Each [steps, batch, n]. */
  readonly sequences: readonly Value[];
  readonly reverse: boolean;
  /** Takes constants, carries, entries; gives the next carries, then what is stacked. */
  readonly step: (args: readonly Value[]) => readonly Value[];
}

/** Gives the last carries, the stacked results, and the carries before each step. */
function scanned({ constants, initial, sequences, reverse, step }: Scan): readonly Value[] {
  const entries = sequences.map(({ type }) => ({ ...type, shape: type.shape.slice(1) }));
  const types = [...[...constants, ...initial].map(({ type }) => type), ...entries];
  const { graph } = traceGraph('recurrence', types, step);
  return bind('recurrence', scanPrimitive, [...constants, ...initial, ...sequences], {
    body: graph,
    length: sequences[0]!.type.shape[0]!,
    carries: initial.length,
    sequences: sequences.length,
    reverse,
  });
}

/** Equal parts of the last axis of [batch, n]. */
function partsOf(x: Value, count: number): Value[] {
  const [batch, n] = x.type.shape as [number, number];
  const width = n / count;
  return Array.from({ length: count }, (_, k) => lax.slice(x, [0, k * width], [batch, (k + 1) * width]));
}

const one = (x: Value): Value => like(x, 1);
/** Derivative of the logistic function, from its value. */
const ofLogistic = (y: Value): Value => lax.mul(y, lax.sub(one(y), y));
/** Derivative of tanh, from its value. */
const ofTanh = (y: Value): Value => lax.sub(one(y), lax.mul(y, y));
const product = (...factors: Value[]): Value => factors.reduce((a, b) => lax.mul(a, b));
/** [batch, n] · [u, n]ᵀ. */
const backThrough = (x: Value, kernel: Value): Value => lax.dot(x, kernel, [[1], [1]]);
/** Σ over batch and steps of stateᵀ · cotangent, for [steps, batch, u] and [steps, batch, n]. */
const ofKernel = (states: Value, cotangents: Value): Value => lax.dot(states, cotangents, [[0, 1], [0, 1]]); // prettier-ignore

/** Whether the outputs of all steps have a cotangent beside the last state. */
export interface RecurrenceGradientParams {
  readonly stepwise: boolean;
}

/**
 * Inputs: the recurrent kernel, cells before each step, states before each step, gates, the cotangents of the last state and
 * cell, and (stepwise) that of the outputs. Gives the cotangents of the products, the recurrent kernel and the initial state
 * and cell.
 */
export const lstmGradient: Composite<RecurrenceGradientParams> = {
  name: 'lstmGradient',
  inline: false,
  decompose: ([kernel, cells, states, gates, gState, gCell, gOutputs]) => {
    const step = ([u, dh, dc, cell, gate, g]: readonly Value[]): Value[] => {
      const [i, f, c, o] = partsOf(gate!, 4) as [Value, Value, Value, Value];
      const h = g === undefined ? dh! : lax.add(dh!, g);
      const out = lax.tanh(lax.add(lax.mul(f, cell!), lax.mul(i, c)));
      const d = lax.add(dc!, product(h, o, ofTanh(out)));
      const slopes = [
        product(d, c, ofLogistic(i)),
        product(d, cell!, ofLogistic(f)),
        product(d, i, ofTanh(c)),
        product(h, out, ofLogistic(o)),
      ];
      const all = lax.concat(slopes, 1);
      return [backThrough(all, u!), lax.mul(d, f), all];
    };
    const sequences = [cells!, gates!, ...(gOutputs === undefined ? [] : [gOutputs])].map(turned);
    const initial = [gState!, gCell!];
    const [dh, dc, slopes] = scanned({ constants: [kernel!], initial, sequences, reverse: true, step });
    return [turned(slopes!), ofKernel(turned(states!), slopes!), dh!, dc!];
  },
};

/**
 * Inputs: products [batch, steps, 4 units] (gates i, f, c, o), recurrent kernel [units, 4 units], state and cell
 * [batch, units]. Gives the states after each step [batch, steps, units], the last state and cell; then cells and states before
 * each step, and gates.
 */
export const lstm: Composite = {
  name: 'lstm',
  inline: false,
  decompose: ([products, kernel, state, cell]) => {
    const step = ([u, h, c, z]: readonly Value[]): Value[] => {
      const [i, f, k, o] = partsOf(lax.add(lax.dot(h!, u!, [[1], [0]]), z!), 4) as [Value, Value, Value, Value];
      const gates = [lax.logistic(i), lax.logistic(f), lax.tanh(k), lax.logistic(o)] as const;
      const next = lax.add(lax.mul(gates[1], c!), lax.mul(gates[0], gates[2]));
      const out = lax.mul(gates[3], lax.tanh(next));
      return [out, next, out, lax.concat(gates, 1)];
    };
    const sequences = [turned(products!)];
    const initial = [state!, cell!];
    const [h, c, outputs, gates, states, cells] = scanned({
      constants: [kernel!],
      initial,
      sequences,
      reverse: false,
      step,
    });
    return [turned(outputs!), h!, c!, ...[cells!, states!, gates!].map(turned)];
  },
  vjp: (context) => {
    const {
      inputs: [, kernel, state, cell],
      outputs: [, , , cells, states, gates],
      cotangents: [gOutputs, gState, gCell, ...others],
    } = context;
    if (others.some((g) => g !== null)) return context.again(context.inputs, context.cotangents);
    const last = [gState ?? like(state!, 0), gCell ?? like(cell!, 0)];
    return throughSteps(lstmGradient, [kernel!, cells!, states!, gates!, ...last], gOutputs!);
  },
};

/** The gradient with or without cotangents of every step's output. */
function throughSteps(
  gradient: Composite<RecurrenceGradientParams>,
  inputs: readonly Value[],
  gOutputs: Value | null,
): readonly Value[] {
  const stepwise = gOutputs !== null;
  return composite(gradient, stepwise ? [...inputs, gOutputs] : inputs, { stepwise });
}

/**
 * Inputs: the recurrent kernel, states before each step, gates, the cotangent of the last state, and (stepwise) that of the
 * outputs. Gives the cotangents of the products, the recurrent kernel, its bias and the initial state.
 */
export const gruGradient: Composite<RecurrenceGradientParams> = {
  name: 'gruGradient',
  inline: false,
  decompose: ([kernel, states, gates, gState, gOutputs]) => {
    const step = ([u, dh, state, gate, g]: readonly Value[]): Value[] => {
      const [z, r, k, inner] = partsOf(gate!, 4) as [Value, Value, Value, Value];
      const h = g === undefined ? dh! : lax.add(dh!, g);
      const ofInput = product(h, lax.sub(one(z), z), ofTanh(k));
      const slopes = [product(h, lax.sub(state!, k), ofLogistic(z)), product(ofInput, inner, ofLogistic(r))];
      const ofProducts = lax.concat([...slopes, ofInput], 1);
      const ofStates = lax.concat([...slopes, lax.mul(ofInput, r)], 1);
      return [lax.add(backThrough(ofStates, u!), lax.mul(h, z)), ofProducts, ofStates];
    };
    const sequences = [states!, gates!, ...(gOutputs === undefined ? [] : [gOutputs])].map(turned);
    const [dh, ofProducts, ofStates] = scanned({
      constants: [kernel!],
      initial: [gState!],
      sequences,
      reverse: true,
      step,
    });
    return [turned(ofProducts!), ofKernel(turned(states!), ofStates!), lax.sum(ofStates!, [0, 1]), dh!];
  },
};

/**
 * Inputs: products [batch, steps, 3 units] (gates z, r, h), recurrent kernel [units, 3 units], its bias [3 units], state
 * [batch, units]. Gives the states after each step and the last one; then the states before each step, and the gates with
 * what the reset gate multiplies.
 */
export const gru: Composite = {
  name: 'gru',
  inline: false,
  decompose: ([products, kernel, bias, state]) => {
    const step = ([u, b, h, x]: readonly Value[]): Value[] => {
      const own = lax.dot(h!, u!, [[1], [0]]);
      const [sz, sr, inner] = partsOf(lax.add(own, downRows(b!, own)), 3) as [Value, Value, Value];
      const [xz, xr, xh] = partsOf(x!, 3) as [Value, Value, Value];
      const [z, r] = [lax.logistic(lax.add(xz, sz)), lax.logistic(lax.add(xr, sr))] as const;
      const k = lax.tanh(lax.add(xh, lax.mul(r, inner)));
      const next = lax.add(lax.mul(z, h!), lax.mul(lax.sub(one(z), z), k));
      return [next, next, lax.concat([z, r, k, inner], 1)];
    };
    const [h, outputs, gates, states] = scanned({
      constants: [kernel!, bias!],
      initial: [state!],
      sequences: [turned(products!)],
      reverse: false,
      step,
    });
    return [turned(outputs!), h!, turned(states!), turned(gates!)];
  },
  vjp: (context: CompositeContext<object>) => {
    const {
      inputs: [, kernel, , state],
      outputs: [, , states, gates],
      cotangents: [gOutputs, gState, ...others],
    } = context;
    if (others.some((g) => g !== null)) return context.again(context.inputs, context.cotangents);
    return throughSteps(gruGradient, [kernel!, states!, gates!, gState ?? like(state!, 0)], gOutputs!);
  },
};
