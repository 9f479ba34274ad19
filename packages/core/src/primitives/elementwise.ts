/** The forms of scalar primitives: a form for each opcode, numbers and positions, and the identities that hold bit for bit. */
import { dtypes } from '../dtype.js';
import { DTypeError, describe } from '../errors.js';
import { opcodes } from '../graph/opcodes.js';
import type { Draft, Draftbook } from '../graph/simplify.js';
import { checkArity, checkDType, checkSameDType, checkSameShape, oneResult, type ScalarForm } from './form.js';
import type { None, PlainOpcode, Primitive } from './params.js';

type Rewrite<P extends Primitive> = (book: Draftbook, draft: Draft<P>) => number | undefined;

/** The operand at `position`, when the other one is `value` everywhere (−0 is not 0). */
function neutral(book: Draftbook, { inputs }: Draft, value: number, position = 1): number | undefined {
  const c = book.constant(inputs[position]!);
  // Integers have one zero.
  const { dtype } = book.types[inputs[0]!]!;
  const wanted = dtypes[dtype].kind === 'int' ? value + 0 : value;
  return c !== undefined && Object.is(c, wanted) ? inputs[1 - position] : undefined;
}

const rewrites: { readonly [O in PlainOpcode]?: Rewrite<O> } = {
  mul: (book, draft) => neutral(book, draft, 1) ?? neutral(book, draft, 1, 0),
  div: (book, draft) => neutral(book, draft, 1),
  // x − 0 and x + (−0) keep the sign of a zero; x + 0 does not.
  sub: (book, draft) => neutral(book, draft, 0),
  add: (book, draft) => neutral(book, draft, -0) ?? neutral(book, draft, -0, 0),
  // c < x is c < max(x, c), which the step after a relu has stored anyway.
  lt(book, draft) {
    const [c, x] = draft.inputs as readonly [number, number];
    if (book.constant(c) === undefined) return undefined;
    const capped = book.find('max', x, c) ?? book.find('max', c, x);
    return capped === undefined ? undefined : book.add({ ...draft, inputs: [c, capped] })[0];
  },
};

/** The form of an opcode without parameters: operands of one type; the result has it too, or is bool. */
export function elementwise<O extends PlainOpcode>(name: O): ScalarForm<O> {
  const { arity, takes, result, costly } = opcodes[name];
  return {
    name,
    kind: 'elementwise',
    costly: costly === true,
    rewrite: rewrites[name],
    infer(where, inputs) {
      checkArity(where, inputs, arity);
      const first = inputs[0]!;
      for (const type of inputs) {
        checkDType(where, type.dtype, takes);
        checkSameDType(where, first, type);
        checkSameShape(where, first, type);
      }
      return [result === 'bool' ? { shape: first.shape, dtype: 'bool' } : first];
    },
  };
}

/** Another dtype for the same number. */
export const cast: ScalarForm<'cast'> = {
  name: 'cast',
  kind: 'elementwise',
  infer: /* @__PURE__ */ oneResult(1, (_where, [{ shape }], { dtype }) => ({ shape, dtype })),
  rewrite: ({ types }, { inputs, params }) => (types[inputs[0]!]!.dtype === params.dtype ? inputs[0] : undefined),
};

/** Another dtype for the same bits. */
export const bitcast: ScalarForm<'bitcast'> = {
  name: 'bitcast',
  kind: 'elementwise',
  infer: /* @__PURE__ */ oneResult(1, (where, [x], { dtype }) => {
    if (dtypes[dtype].bytes !== dtypes[x.dtype].bytes || dtype === 'bool' || x.dtype === 'bool') {
      throw new DTypeError(describe(where, `a dtype as wide as ${x.dtype}, neither of them bool`, dtype));
    }
    return { shape: x.shape, dtype };
  }),
};

/** The second operand where the first holds, else the third. */
export const select: ScalarForm<'select'> = {
  name: 'select',
  kind: 'elementwise',
  infer: /* @__PURE__ */ oneResult<None, 3>(3, (where, [condition, a, b]) => {
    if (condition.dtype !== 'bool') throw new DTypeError(describe(where, 'a bool condition', condition.dtype));
    checkSameDType(where, a, b, 'branches');
    checkSameShape(where, condition, a);
    checkSameShape(where, a, b);
    return a;
  }),
  rewrite(book, { inputs }) {
    const condition = book.constant(inputs[0]!);
    return condition === undefined ? undefined : inputs[condition !== 0 ? 1 : 2];
  },
};

/** A number. */
export const constant: ScalarForm<'const'> = {
  name: 'const',
  kind: 'leaf',
  infer: (_where, _inputs, { dtype }) => [{ shape: [], dtype }],
};

/** Positions 0 … length − 1. */
export const iota: ScalarForm<'iota'> = {
  name: 'iota',
  kind: 'leaf',
  infer: (_where, _inputs, { length, dtype }) => [{ shape: [length], dtype }],
};
