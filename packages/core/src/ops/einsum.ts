/** einsum: sums of products by labelled axes, as a chain of products of two operands. */
import { toValue, type Operand } from '../operand.js';
import { promote } from '../dtype.js';
import { ShapeError, ValueError, describe } from '../errors.js';
import * as lax from '../lax.js';
import type { Value } from '../node.js';
import { showShape } from '../shape.js';
import { Tensor } from '../tensor.js';
import { diagonal } from './arrange.js';

/** A value with a label for each axis. */
interface Labelled {
  readonly value: Value;
  readonly labels: readonly string[];
}

/**
 * Sums of products by Einstein's notation: axes with one label go together; labels that are not in the result are summed.
 * Without `->` the result has the labels that occur once, in alphabetical order. `...` stands for further axes, which
 * broadcast.
 * @example einsum('bij,bjk->bik', zeros([4, 2, 3]), zeros([4, 3, 5])).shape // [4, 2, 5]
 */
export function einsum(equation: string, ...operands: readonly Operand[]): Tensor {
  const { inputs, output } = parse(equation, operands);
  const sizes = new Map<string, number>();
  for (const { value, labels } of inputs) {
    labels.forEach((label, axis) => {
      const n = value.type.shape[axis]!;
      const known = sizes.get(label) ?? 1;
      if (known !== n && known !== 1 && n !== 1) {
        throw new ShapeError(describe('einsum', `axes ${label} of one size in ${equation}`, `${known} and ${n}`));
      }
      sizes.set(label, known === 1 ? n : known);
    });
  }
  const dtype = inputs.map(({ value }) => value.type.dtype).reduce(promote);
  const ready = inputs.map(({ value, labels }) => plain({ value: lax.cast(value, dtype), labels }, sizes));
  let left = ready[0]!;
  for (let i = 1; i < ready.length; i++) {
    const later = new Set([...output, ...ready.slice(i + 1).flatMap(({ labels }) => labels)]);
    left = product(left, ready[i]!, later);
  }
  const { value, labels } = summed(left, new Set(output));
  const missing = output.filter((label) => !labels.includes(label));
  if (missing.some((label) => sizes.get(label) === undefined)) {
    throw new ValueError(describe('einsum', 'labels of the result among those of the operands', equation));
  }
  // Labels whose axes were all of size 1 were dropped.
  const all = [...labels, ...missing];
  const grown = lax.reshape(value, [...value.type.shape, ...missing.map(() => 1)]);
  return new Tensor(
    lax.transpose(
      grown,
      output.map((label) => all.indexOf(label)),
    ),
  );
}

function parse(equation: string, operands: readonly Operand[]): { inputs: Labelled[]; output: string[] } {
  const [from, to, ...more] = equation.replaceAll(' ', '').split('->') as [string, string?, ...string[]];
  const terms = from.split(',');
  if (more.length > 0 || ![...terms, to ?? ''].every((term) => /^[A-Za-z]*(\.{3}[A-Za-z]*)?$/.test(term))) {
    throw new ValueError(describe('einsum', 'an equation such as ij,jk->ik', JSON.stringify(equation)));
  }
  if (terms.length !== operands.length) {
    throw new ValueError(describe('einsum', `${terms.length} operands for ${equation}`, String(operands.length)));
  }
  let most = 0;
  const inputs = operands.map((x, i) => {
    const value = toValue('einsum', x);
    const named = terms[i]!.replace('...', '').length;
    const rest = value.type.shape.length - named;
    if (terms[i]!.includes('...') ? rest < 0 : rest !== 0) {
      throw new ShapeError(describe('einsum', `${named} axes for ${terms[i]}`, showShape(value.type.shape)));
    }
    most = Math.max(most, rest);
    return { value, labels: expand(terms[i]!, rest) };
  });
  if (to !== undefined) {
    const output = expand(to, most);
    if (new Set(output).size !== output.length) {
      throw new ValueError(describe('einsum', 'each label once in the result', JSON.stringify(equation)));
    }
    return { inputs, output };
  }
  const letters = [...from].filter((label) => /[A-Za-z]/.test(label));
  const single = letters.filter((label) => letters.indexOf(label) === letters.lastIndexOf(label)).sort();
  return { inputs, output: [...expand(from.includes('...') ? '...' : '', most), ...single] };
}

/** Labels of a term; `...` is numbered from the right: its last axis is 0. */
function expand(term: string, rest: number): string[] {
  const dots = Array.from({ length: rest }, (_, i) => String(rest - 1 - i));
  const [before, after] = term.split('...') as [string, string?];
  return after === undefined ? [...before] : [...before, ...dots, ...after];
}

/** Without repeated labels (their diagonal), and without axes of size 1 that have to broadcast. */
function plain({ value, labels }: Labelled, sizes: ReadonlyMap<string, number>): Labelled {
  const narrow = (axis: number): boolean => value.type.shape[axis] === 1 && sizes.get(labels[axis]!) !== 1;
  const kept = labels.map((_, axis) => axis).filter((axis) => !narrow(axis));
  let x = lax.reshape(
    value,
    kept.map((axis) => value.type.shape[axis]!),
  );
  let names = kept.map((axis) => labels[axis]!);
  for (;;) {
    const second = names.findIndex((label, i) => names.indexOf(label) < i);
    if (second < 0) return { value: x, labels: names };
    const first = names.indexOf(names[second]!);
    x = diagonal(new Tensor(x), 0, first, second).handle;
    names = [...names.filter((_, i) => i !== first && i !== second), names[second]!];
  }
}

/** Sums the axes that nobody needs any more. */
function summed({ value, labels }: Labelled, needed: ReadonlySet<string>): Labelled {
  const axes = labels.flatMap((label, axis) => (needed.has(label) ? [] : [axis]));
  return { value: lax.sum(value, axes), labels: labels.filter((label) => needed.has(label)) };
}

function product(a: Labelled, b: Labelled, later: ReadonlySet<string>): Labelled {
  const left = summed(a, new Set([...later, ...b.labels]));
  const right = summed(b, new Set([...later, ...a.labels]));
  const shared = left.labels.filter((label) => right.labels.includes(label));
  const axes = (labels: readonly string[]): [number[], number[]] => [
    labels.map((label) => left.labels.indexOf(label)),
    labels.map((label) => right.labels.indexOf(label)),
  ];
  const batch = shared.filter((label) => later.has(label));
  const contract = shared.filter((label) => !later.has(label));
  const alone = (own: Labelled): string[] => own.labels.filter((label) => !shared.includes(label));
  return {
    value: lax.dot(left.value, right.value, axes(contract), axes(batch)),
    labels: [...batch, ...alone(left), ...alone(right)],
  };
}
