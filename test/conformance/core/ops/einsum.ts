/** einsum: sums over labels in every arrangement, beside the sum as it is written down. */
import * as core from '@antler/core';
import { ShapeError, ValueError, ones, tensor } from '@antler/core';
import type * as einsumModule from '../../../../packages/core/src/ops/einsum.js';
import { at, build, counted, indicesOf, of, type Values } from '../values.js';
import type { Sample } from '../sample.js';
import { call, refusal, type Records } from './record.js';

const none = (...shape: number[]): Values => ({ dtype: 'float32', shape, numbers: [] });
const a = of([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
const b = of([[1, 0], [2, -1], [0, 3]]); // prettier-ignore

/** The definition: for each index of the result, the sum over all others of the products. Axes of size 1 broadcast. */
function defined(equation: string, ...inputs: readonly Values[]): Sample {
  const [from, to] = equation.split('->') as [string, string];
  const terms = from.split(',');
  const sizes = new Map<string, number>();
  terms.forEach((term, i) =>
    [...term].forEach((label, axis) => {
      const [n, known] = [inputs[i]!.shape[axis]!, sizes.get(label)];
      sizes.set(label, known === undefined || known === 1 ? n : known);
    }),
  );
  const labels = [...sizes.keys()];
  const summed = labels.filter((label) => !to.includes(label));
  const inner = indicesOf(summed.map((label) => sizes.get(label)!));
  const valueOf = (place: ReadonlyMap<string, number>): number =>
    terms.reduce((product, term, i) => {
      const index = [...term].map((label, axis) => (inputs[i]!.shape[axis] === 1 ? 0 : place.get(label)!));
      return product * at(inputs[i]!, index);
    }, 1);
  const expected = build(
    [...to].map((label) => sizes.get(label)!),
    'float32',
    (outer) =>
      inner.reduce((sum, rest) => {
        const place = new Map<string, number>();
        [...to].forEach((label, k) => place.set(label, outer[k]!));
        summed.forEach((label, k) => place.set(label, rest[k]!));
        return sum + valueOf(place);
      }, 0),
  );
  return call((...xs) => core.einsum(equation, ...xs), inputs, expected);
}

export const einsumRecords: Records<Pick<typeof einsumModule, 'einsum'>> = {
  einsum: {
    samples: [
      defined('ij,jk->ik', a, b),
      defined('ij,jk->ki', a, b),
      defined('ij,kj->ik', a, a),
      defined('ij->ji', a),
      defined('ij->j', a),
      defined('ij->', a),
      defined('ij,ij->', a, a),
      defined('i,j->ij', of([1, 2]), of([3, 4, 5])),
      defined('ii->i', of([[1, 2], [3, 4]])),
      defined('ii->', of([[1, 2], [3, 4]])),
      defined('iij,j->i', counted([2, 2, 3]), of([1, 0, -1])),
      defined('bij,bjk->bik', counted([2, 2, 3]), counted([2, 3, 2])),
      defined('bij,bjk,k->ib', counted([2, 2, 3]), counted([2, 3, 2]), of([1, -2])),
      defined('ab,bc,cd->ad', a, b, a),
      // Sizes of 1 broadcast, in either operand and in the result.
      defined('ij,ij->ij', of([[1], [2]]), of([[10]])),
      defined('ij,ij->ij', a, of([[1], [2]])),
      defined('i,i->', of([3]), of([1, 2, 4])),
      defined('ij,j->ij', of([[1], [2]]), of([5])),
      // Sums of nothing are 0, and nothing times something is nothing.
      defined('ij,jk->ik', none(2, 0), none(0, 3)),
      defined('ij->i', none(2, 0)),
      defined('i,i->i', of([7]), none(0)),
      defined('i,i->i', none(0), of([7])),
      defined('i,j->ij', none(0), of([1, 2])),
      call((x) => core.einsum('->', x), [of(3)], of(3)),
      call((x, y) => core.einsum(',i->i', x, y), [of(3), of([1, 2])], of([3, 6])),
      call((x) => core.einsum('ba', x), [a], of([[1, 4], [2, 5], [3, 6]])),
      call((x, y) => core.einsum('ij,jk', x, y), [a, b], of([[5, 7], [14, 13]])),
      call((x, y) => core.einsum(' ij , jk -> ik ', x, y), [a, b], of([[5, 7], [14, 13]])),
      call((x, y) => core.einsum('...ij,jk->...k', x, y), [counted([2, 1, 3]), b], of([[2, 5], [11, 11]])),
      call((x, y) => core.einsum('...i,...i->...', x, y), [a, of([[1, 0, 1]])], of([4, 10])),
      call((x, y) => core.einsum('i...,i...', x, y), [a, a], of([17, 29, 45])),
      call((x) => core.einsum('...->...', x), [a], a),
      call((x, y) => core.einsum('i,i->', x, y), [of([1, 2], 'int32'), of([0.5, 1])], of(2.5)),
      call((x) => core.einsum('ii', x), [of([[65536, 0], [0, 1]], 'int32')], of(65537, 'int32')),
      call((x, y) => core.einsum('i,i->i', x, y), [of([NaN, Infinity]), of([0, 2])], of([NaN, Infinity])),
    ],
    refuses: [
      refusal(() => core.einsum('ij,jk->ik', ones([2, 3])), ValueError, '2 operands for ij,jk->ik', 'received 1'),
      refusal(() => core.einsum('ij->ij->ij', ones([2, 3])), ValueError, 'an equation such as ij,jk->ik', '"ij->ij->ij"'),
      refusal(() => core.einsum('i1', ones([2, 3])), ValueError, 'an equation such as', '"i1"'),
      refusal(() => core.einsum('ij', ones([2])), ShapeError, '2 axes for ij', '[2]'),
      refusal(() => core.einsum('ij...', ones([2])), ShapeError, '2 axes for ij...', '[2]'),
      refusal(() => core.einsum('ij,jk->ik', ones([2, 3]), ones([4, 2])), ShapeError, 'axes j of one size in ij,jk->ik', '3 and 4'),
      refusal(() => core.einsum('ij,jk->ik', ones([2, 0]), ones([3, 2])), ShapeError, 'axes j of one size in ij,jk->ik', '0 and 3'),
      refusal(() => core.einsum('ij->ii', ones([2, 2])), ValueError, 'each label once in the result', '"ij->ii"'),
      refusal(() => core.einsum('ij->k', ones([2, 2])), ValueError, 'labels of the result among those of the operands', 'ij->k'),
      refusal(() => core.einsum('i', [1] as never), ValueError, 'an array'),
      refusal(() => core.einsum('i..', tensor([1])), ValueError, 'an equation such as', '"i.."'),
    ],
  },
}; // prettier-ignore
