/** Misuse of tensors, operations, gradients and jit: each answered by a typed error at the user's line. */
import { beforeAll } from '@jest/globals';
import { createJsBackend } from '@antler/backend-js';
import {
  DTypeError,
  DeviceError,
  IndexError,
  ResourceError,
  ShapeError,
  StaleTensorError,
  TraceError,
  ValueError,
  Variable,
  add,
  arange,
  argmax,
  broadcastTo,
  cast,
  concatenate,
  exp,
  eye,
  expandDims,
  gcd,
  grad,
  image,
  index,
  inv,
  jit,
  keep,
  logicalNot,
  matmul,
  max,
  mean,
  ones,
  oneHot,
  pad,
  random,
  registerBackends,
  reshape,
  scan,
  scatterUpdate,
  scope,
  setBackend,
  slice,
  softmax,
  solve,
  sparseSoftmaxCrossEntropy,
  split,
  squeeze,
  stack,
  sum,
  take,
  takeAlongAxis,
  tensor,
  transpose,
  valueAndGrad,
  zeros,
  type Backend,
  type DType,
  type Tensor,
} from '@antler/core';
import { describeMisuses, misuse } from './describe.js';

/** What untyped code may pass. */
const anything = (x: unknown): never => x as never;
const x = tensor([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
const w = new Variable([1, 2, 3], { name: 'w' });
let leaked: Tensor = x;

/** The reference backend, but for float16. */
function createNarrowBackend(): Backend {
  const backend = createJsBackend();
  const bytes = Object.fromEntries(Object.entries(backend.bytes).filter(([dtype]) => dtype !== 'float16'));
  return { ...backend, bytes };
}

beforeAll(async () => {
  registerBackends({ js: createNarrowBackend });
  await setBackend('js');
});

const cases = [
  misuse(
    'shapes that do not broadcast',
    ShapeError,
    'add: expected shapes that broadcast together, received [2, 3] and [2]. Sizes 3 and 2 at axis -1 differ and neither is 1.',
    () => x.add(tensor([1, 2])),
  ),
  misuse(
    'a product of matrices that do not fit',
    ShapeError,
    'matmul: expected the last axis of a ([2, 3]) to match axis -2 of b ([2, 3]), received 3 and 2.',
    () => matmul(x, x),
  ),
  misuse(
    'matmul of a scalar',
    ShapeError,
    'matmul: expected operands with at least one axis, received [2, 3] and []. Use multiply for scalars.',
    () => matmul(x, 2),
  ),
  misuse(
    'the inverse of an oblong matrix',
    ShapeError,
    'inv: expected square matrices (the last two axes), received [2, 3].',
    () => inv(x),
  ),
  misuse(
    'a system with too few equations',
    ShapeError,
    'solve: expected b with 2 rows, received [3].',
    () =>
    solve(tensor([[1, 2], [3, 4]]), tensor([1, 2, 3])), // prettier-ignore
  ),
  misuse(
    'divisors of floats',
    DTypeError,
    'gcd: expected integers, received float32. Convert with cast(x, "int32").',
    () => gcd(x, 2),
  ),
  misuse('a place that is not there', IndexError, 'index: expected a place in [-2, 2) on axis 0, received 2.', () =>
    index(x, 2),
  ),
  misuse(
    'an image without channels',
    ShapeError,
    'resize: expected images of [rows, columns, channels], or a batch of them, received [2, 3].',
    () => image.resize(x, [4, 4]),
  ),
  misuse(
    'an image resized to nothing',
    ValueError,
    'resize: expected a size of two whole numbers >= 1 (rows, columns), received [0, 4].',
    () => image.resize(ones([2, 3, 1]), [0, 4]),
  ),
  misuse(
    'a crop that is larger than the image',
    ShapeError,
    'cropImages: expected sides that fit into images of [2, 3, 1], received {"top":2,"bottom":1,"left":0,"right":0}.',
    () => image.cropImages(ones([2, 3, 1]), { top: 2, bottom: 1, left: 0, right: 0 }),
  ),
  misuse(
    'reshape to another number of elements',
    ShapeError,
    'reshape: expected a shape of 6 elements for x of [2, 3], received [4, 2].',
    () => reshape(x, [4, 2]),
  ),
  misuse(
    'reshape with two unknown sizes',
    ShapeError,
    'reshape: expected at most one size of -1, received [-1, -1].',
    () => x.reshape([-1, -1]),
  ),
  misuse(
    'reshape with an unknown size that does not divide',
    ShapeError,
    'reshape: expected sizes that divide the 6 elements of [2, 3], received [4, -1].',
    () => x.reshape([4, -1]),
  ),
  misuse(
    'reshape to something that is no shape',
    ShapeError,
    'reshape: expected a shape (an array of sizes), received 6.',
    () => x.reshape(anything(6)),
  ),
  misuse('an axis that is not there', ShapeError, 'sum: expected an axis in [-2, 1], received 2.', () => sum(x, 2)),
  misuse('an axis below the first', ShapeError, 'softmax: expected an axis in [-2, 1], received -3.', () =>
    softmax(x, -3),
  ),
  misuse('an axis that is not whole', ShapeError, 'mean: expected an axis in [-2, 1], received 0.5.', () =>
    mean(x, 0.5),
  ),
  misuse('an axis given as a name', ShapeError, 'sum: expected an axis in [-2, 1], received rows.', () =>
    sum(x, anything('rows')),
  ),
  misuse('an axis twice', ShapeError, 'max: expected each axis once, received [0, 0].', () => max(x, [0, -2])),
  misuse('an axis of a scalar', ShapeError, 'sum: expected no axis (x is a scalar), received 0.', () =>
    tensor(1).sum(0),
  ),
  misuse(
    'a permutation with an axis twice',
    ShapeError,
    'transpose: expected a permutation of 2 axes, received [0, 0].',
    () => transpose(x, [0, 0]),
  ),
  misuse(
    'a permutation of too few axes',
    ShapeError,
    'transpose: expected a permutation of 2 axes, received [0].',
    () => x.transpose([0]),
  ),
  misuse(
    'broadcastTo a shape that does not fit',
    ShapeError,
    'broadcastTo: expected a shape that [2, 3] broadcasts to, received [2, 4].',
    () => broadcastTo(x, [2, 4]),
  ),
  misuse(
    'broadcastTo fewer axes',
    ShapeError,
    'broadcastTo: expected a shape that [2, 3] broadcasts to, received [3].',
    () => broadcastTo(x, [3]),
  ),
  misuse('squeeze of an axis that is not 1', ShapeError, 'squeeze: expected axis 0 of size 1, received [2, 3].', () =>
    squeeze(x, 0),
  ),
  misuse('expandDims too far', ShapeError, 'expandDims: expected an axis in [-3, 2], received 4.', () =>
    expandDims(x, 4),
  ),
  misuse(
    'concatenate of shapes that differ',
    ShapeError,
    'concatenate: expected shapes equal but for axis 0, received [2, 3] and [2, 2].',
    () => concatenate([x, ones([2, 2])], 0),
  ),
  misuse('concatenate of nothing', ShapeError, 'concatenate: expected at least one tensor, received none.', () =>
    concatenate([]),
  ),
  misuse(
    'stack of shapes that differ',
    ShapeError,
    'stack: expected shapes equal but for axis 0, received [1, 2, 3] and [1, 2, 2].',
    () => stack([x, ones([2, 2])]),
  ),
  misuse('split into parts that do not divide', ShapeError, 'split: expected parts that divide 3, received 2.', () =>
    split(x, 2, 1),
  ),
  misuse('split into no parts', ShapeError, 'split: expected parts that divide 2, received 0.', () => split(x, 0)),
  misuse('split into a negative number of parts', ShapeError, 'split: expected parts that divide 2, received -2.', () =>
    split(x, -2),
  ),
  misuse('pad with too few widths', ShapeError, 'pad: expected widths for 2 axes, received 1.', () => pad(x, [[1, 1]])),
  misuse('pad that cuts more than there is', ShapeError, 'pad: expected a padded shape without negative sizes, received [-2, 3].', () => pad(x, [[-2, -2], [0, 0]])), // prettier-ignore
  misuse('pad by NaN', ShapeError, 'pad: expected widths that are whole numbers, received NaN.', () => pad(x, [[NaN, 0], [0, 0]])), // prettier-ignore
  misuse(
    'slice with a stride of zero',
    ShapeError,
    'slice: expected 0 <= start <= limit <= 2 and stride >= 1 on axis 0, received 0, 2, 0.',
    () => slice(x, [0, 0], [2, 2], [0, 1]),
  ),
  misuse(
    'slice with a stride of NaN',
    ShapeError,
    'slice: expected 0 <= start <= limit <= 2 and stride >= 1 on axis 0, received 0, 2, NaN.',
    () => slice(x, [0, 0], [2, 2], [NaN, 1]),
  ),
  misuse('slice at half an element', ShapeError, 'slice: expected whole numbers, received 0.5.', () => slice(x, [0.5])),
  misuse('slice with more starts than axes', ShapeError, 'slice: expected places for 2 axes, received 3.', () =>
    slice(x, [0, 0, 0]),
  ),
  misuse('a matrix that is a number', ShapeError, 'zeros: expected a shape (an array of sizes), received 3.', () =>
    zeros(anything(3)),
  ),
  misuse(
    'the maximum of nothing',
    ShapeError,
    'max: expected at least one element to choose from, received x of [0, 3].',
    () => max(zeros([0, 3]), 0),
  ),
  misuse('argmax of nothing', ShapeError, 'argmax: expected at least one element to choose from, received [0].', () =>
    argmax(zeros([0]), 0),
  ),
  misuse('take along an axis that is not there', ShapeError, 'take: expected an axis in [-2, 1], received 5.', () =>
    take(x, 0, 5),
  ),
  misuse(
    'take with float indices',
    DTypeError,
    "take: expected integer indices, received float32. Convert with cast(indices, 'int32').",
    () => take(x, tensor([0.5])),
  ),
  misuse(
    'takeAlongAxis of another rank',
    ShapeError,
    'takeAlongAxis: expected 1 equal batch axes, received [2, 3] and [1, 1].',
    () => takeAlongAxis(x, tensor(Int32Array.of(0))),
  ),
  misuse(
    'scatterUpdate of updates that do not fit',
    ShapeError,
    'scatterUpdate: expected updates of shape [1, 3], received [2, 3].',
    () => scatterUpdate(x, tensor(Int32Array.of(0)), ones([2, 3])),
  ),
  misuse(
    'oneHot of a negative number of classes',
    ShapeError,
    'oneHot: expected sizes that are whole numbers >= 0, received [1, -1].',
    () => oneHot(tensor(Int32Array.of(0)), -1),
  ),
  misuse(
    'oneHot of NaN classes',
    ShapeError,
    'oneHot: expected sizes that are whole numbers >= 0, received [1, NaN].',
    () => oneHot(tensor(Int32Array.of(0)), NaN),
  ),
  misuse('a negative size', ShapeError, 'zeros: expected sizes that are whole numbers >= 0, received [2, -1].', () =>
    zeros([2, -1]),
  ),
  misuse('a size of NaN', ShapeError, 'ones: expected sizes that are whole numbers >= 0, received [NaN].', () =>
    ones([NaN]),
  ),
  misuse(
    'a size that is not whole',
    ShapeError,
    'uniform: expected sizes that are whole numbers >= 0, received [1.5].',
    () => random.uniform([1.5]),
  ),
  misuse(
    'more elements than there are numbers',
    ShapeError,
    'zeros: expected at most 2^53 - 1 elements, received shape [4294967296, 4294967296].',
    () => zeros([2 ** 32, 2 ** 32]),
  ),
  misuse(
    'a broadcast to more elements than there are numbers',
    ShapeError,
    'add: expected at most 2^53 - 1 elements, received shape [4294967296, 4294967296].',
    () => add(zeros([2 ** 32, 1]), zeros([1, 2 ** 32])),
  ),
  misuse(
    'a product larger than the device',
    ResourceError,
    'lower: expected at most 2147483648 bytes in one buffer, received 4398046511104 bytes for float32 [1048576, 1048576].',
    () =>
      zeros([2 ** 20, 2 ** 20])
        .add(tensor(1))
        .data(),
  ),
  misuse(
    'eye of a negative number',
    ShapeError,
    'eye: expected sizes that are whole numbers >= 0, received [-2, -2].',
    () => eye(-2),
  ),
  misuse(
    'arange with a step of zero',
    ValueError,
    'arange: expected finite bounds and a step other than 0, received 0, 5, 0.',
    () => arange(0, 5, 0),
  ),
  misuse(
    'arange to infinity',
    ValueError,
    'arange: expected finite bounds and a step other than 0, received 0, Infinity, 1.',
    () => arange(0, Infinity),
  ),
  misuse(
    'an unknown dtype',
    DTypeError,
    'cast: expected a dtype (bool, int8, uint8, int32, uint32, bfloat16, float16, float32, float64), received "float".',
    () => cast(x, 'float' as DType),
  ),
  misuse(
    'an unknown dtype for zeros',
    DTypeError,
    'zeros: expected a dtype (bool, int8, uint8, int32, uint32, bfloat16, float16, float32, float64), received "int64".',
    () => zeros([1], { dtype: anything('int64') }),
  ),
  misuse(
    'a dtype the device lacks',
    DTypeError,
    'cast: expected a dtype that js supports (bool, int8, uint8, int32, uint32, bfloat16, float32, float64), received float16.',
    () => x.cast('float16'),
  ),
  misuse(
    'ragged arrays',
    ShapeError,
    'tensor: expected nested arrays of equal lengths ([2, 2] by their first entries), received an array of length 1.',
    () => tensor([[1, 2], [3]]),
  ),
  misuse(
    'an array of depths that differ',
    ShapeError,
    'tensor: expected nested arrays of equal lengths ([2] by their first entries), received an array of length 1.',
    () => tensor([1, [2]]),
  ),
  misuse('text as data', ValueError, 'tensor: expected numbers, nested arrays or a typed array, received "1, 2".', () =>
    tensor(anything('1, 2')),
  ),
  misuse(
    'text within data',
    ShapeError,
    'tensor: expected nested arrays of equal lengths ([1, 1] by their first entries), received "a".',
    () => tensor(anything([['a']])),
  ),
  misuse('null as data', ValueError, 'tensor: expected numbers, nested arrays or a typed array, received null.', () =>
    tensor(anything(null)),
  ),
  misuse(
    'undefined as data',
    ValueError,
    'tensor: expected numbers, nested arrays or a typed array, received undefined.',
    () => tensor(anything(undefined)),
  ),
  misuse(
    'data of the wrong length',
    ShapeError,
    'tensor: expected data of 6 elements for shape [2, 3], received 5 elements.',
    () => tensor(new Float32Array(5), { shape: [2, 3] }),
  ),
  misuse(
    'integers out of range',
    DTypeError,
    'tensor: expected numbers in the range of uint8 [0, 255], received 300.',
    () => tensor([300], { dtype: 'uint8' }),
  ),
  misuse(
    'NaN as an integer',
    DTypeError,
    'tensor: expected numbers in the range of int32 [-2147483648, 2147483647], received NaN.',
    () => tensor([NaN], { dtype: 'int32' }),
  ),
  misuse(
    '64-bit integers out of range',
    DTypeError,
    'tensor: expected numbers in the range of int32 [-2147483648, 2147483647], received 1099511627776.',
    () => tensor(BigInt64Array.of(2n ** 40n)),
  ),
  misuse(
    'an array where a tensor belongs',
    ValueError,
    'add: expected a Tensor, a Variable or a number, received an array. Make tensors of arrays with tensor([...]).',
    () => add(anything([1, 2]), x),
  ),
  misuse(
    'a promise where a tensor belongs',
    ValueError,
    'add: expected a Tensor, a Variable or a number, received a promise (await it). Make tensors of arrays with tensor([...]).',
    () => add(anything(Promise.resolve(x)), 1),
  ),
  misuse(
    'undefined where a tensor belongs',
    ValueError,
    'exp: expected a Tensor, a Variable or a number, received undefined. Make tensors of arrays with tensor([...]).',
    () => exp(anything(undefined)),
  ),
  misuse(
    'undefined for the other operand of a method',
    ValueError,
    'mul: expected a Tensor, a Variable or a number, received undefined. Make tensors of arrays with tensor([...]).',
    () => x.mul(anything(undefined)),
  ),
  misuse('if (tensor)', TraceError, 'Tensor: expected an explicit operation, received a tensor where JavaScript wants a number. Use add, mul, less …, or read it: await t.item().', () => { if (anything(x) > 0) throw new Error('compared'); }), // prettier-ignore
  misuse(
    '+tensor',
    TraceError,
    'Tensor: expected an explicit operation, received a tensor where JavaScript wants a number. Use add, mul, less …, or read it: await t.item().',
    () => +anything(x),
  ),
  misuse(
    'a loop over a tensor',
    TraceError,
    'Tensor: expected an explicit operation, received a tensor to iterate over. Use scan(body, carry, x) to run along axis 0, slice or take to pick entries, or read it: await t.array().',
    () => [...x],
  ),
  misuse(
    'item of many elements',
    ShapeError,
    'item: expected a tensor with one element, received shape [2, 3]. Use data() or array().',
    () => x.item(),
  ),
  misuse(
    'text where a tensor belongs',
    ValueError,
    'logicalNot: expected a Tensor, a Variable or a number, received "true". Make tensors of arrays with tensor([...]).',
    () => logicalNot(anything('true')),
  ),
  misuse('reading inside jit', TraceError, 'data: expected to be called outside of a trace, received a call inside jit, where tensors have no numbers yet. Return the tensor and read it outside.', () => jit((a: Tensor) => { void a.data(); return a; })(x)), // prettier-ignore
  misuse('item inside jit', TraceError, 'item: expected to be called outside of a trace, received a call inside jit, where tensors have no numbers yet. Use where(condition, a, b) to choose, or return the tensor and read it outside.', () => jit((a: Tensor) => { void a.sum().item(); return a; })(x)), // prettier-ignore
  misuse(
    'a tensor that leaked from jit, used',
    TraceError,
    'mul: expected a tensor of the present, received the result of add from inside jit, which has returned. Return the tensor from the function instead of storing it outside.',
    () => {
      jit((a: Tensor) => (leaked = a.add(1)))(x);
      return leaked.mul(2);
    },
  ),
  misuse(
    'a tensor that leaked from jit, read',
    TraceError,
    'data: expected a tensor of the present, received the result of add from inside jit, which has returned. Return the tensor from the function instead of storing it outside.',
    () => {
      jit((a: Tensor) => (leaked = a.add(1)))(x);
      return leaked.data();
    },
  ),
  misuse(
    'an async function in jit',
    TraceError,
    'jit: expected a synchronous function, received one that returns a promise.',
    () => jit(async (a: Tensor) => a)(x),
  ),
  misuse(
    'an async function in valueAndGrad',
    TraceError,
    'valueAndGrad: expected a synchronous function, received one that returns a promise.',
    () => valueAndGrad(anything(async (a: Tensor) => a.sum()))(anything(x)),
  ),
  misuse(
    'an async function in scan',
    TraceError,
    'scan: expected a synchronous function, received one that returns a promise.',
    () =>
      scan(
        anything(async (c: Tensor) => [c, c]),
        tensor(0),
        x,
      ),
  ),
  misuse(
    'an async function in scope',
    TraceError,
    'scope: expected a synchronous function, received one that returns a promise.',
    () => scope(async () => x),
  ),
  misuse(
    'a loss that is no scalar',
    ShapeError,
    'grad: expected f to return a scalar, received shape [2, 3]. Reduce it with sum() or mean().',
    () => grad((a: Tensor) => a.mul(2))(x),
  ),
  misuse('a loss of integers', DTypeError, 'grad: expected f to return a float scalar, received int32.', () =>
    grad((a: Tensor) => a.sum().cast('int32'))(x),
  ),
  misuse(
    'a loss that is a number',
    ValueError,
    'grad: expected f to return a scalar tensor, received number. With { aux: true } it returns [loss, aux].',
    () => grad(anything(() => 1))(anything(x)),
  ),
  misuse(
    'no loss at all',
    ValueError,
    'valueAndGrad: expected f to return a scalar tensor, received undefined. With { aux: true } it returns [loss, aux].',
    () => valueAndGrad(anything(() => undefined))(anything(x)),
  ),
  misuse(
    'aux without aux',
    ValueError,
    'valueAndGrad: expected f to return a scalar tensor, received undefined. With { aux: true } it returns [loss, aux].',
    () =>
      valueAndGrad(
        anything((a: Tensor) => a.sum()),
        { aux: true },
      )(anything(x)),
  ),
  misuse(
    'a gradient with respect to integers',
    DTypeError,
    'grad: expected float tensors to differentiate, received int32.',
    () => grad((a: Tensor) => a.sum())(tensor(Int32Array.of(1))),
  ),
  misuse(
    'a gradient with respect to a number',
    ValueError,
    'grad: expected a first argument of tensors and variables, received a leaf of type number. Other arguments come after the first.',
    () => grad(anything((a: number) => tensor(a)))(anything(1)),
  ),
  misuse(
    'a Variable made inside jit',
    TraceError,
    'Variable: expected to be made outside of jit, received one made inside ("variable"). Make it before and use it inside.',
    () => jit(() => new Variable([1]).value)(),
  ),
  misuse(
    'assign of another shape',
    ShapeError,
    'assign: expected a value of shape [3] for variable "w", received [2].',
    () => w.assign(tensor([1, 2])),
  ),
  misuse(
    'assign of another dtype',
    DTypeError,
    'assign: expected a float32 value for variable "w", received int32.',
    () => w.assign(tensor(Int32Array.of(1, 2, 3))),
  ),
  misuse(
    'a disposed tensor, used',
    StaleTensorError,
    'add: expected a tensor whose numbers still exist, received one that was disposed. Dispose of it after its last use, or not at all: the collector does.',
    async () => {
      const a = keep(x.mul(2));
      await a.data();
      a.dispose();
      return a.add(1);
    },
  ),
  misuse(
    'a disposed tensor, read',
    StaleTensorError,
    'data: expected a tensor whose numbers still exist, received one that was disposed. Dispose of it after its last use, or not at all: the collector does.',
    async () => {
      const a = keep(x.mul(2));
      await a.data();
      a.dispose();
      return a.data();
    },
  ),
  misuse(
    'an index out of range',
    IndexError,
    'gather: expected an index in [-3, 3), received 7. Variables keep the values they had before this step.',
    async () => {
      await take(x, tensor(Int32Array.of(7)), 1).data();
    },
  ),
  misuse(
    'a label out of range',
    IndexError,
    'gather: expected an index in [-3, 3), received 3. Variables keep the values they had before this step.',
    async () => {
      await sparseSoftmaxCrossEntropy(tensor(Int32Array.of(0, 3)), x).data();
    },
  ),
  misuse('labels of floats', DTypeError, 'sparseSoftmaxCrossEntropy: expected integer labels, received float32.', () =>
    sparseSoftmaxCrossEntropy(tensor([0, 1]), x),
  ),
  misuse(
    'labels of another shape',
    ShapeError,
    'sparseSoftmaxCrossEntropy: expected labels of shape [2] for logits of [2, 3], received [1].',
    () => sparseSoftmaxCrossEntropy(tensor(Int32Array.of(0)), x),
  ),
  misuse('a backend that nobody registered', DeviceError, 'setBackend: expected one of js, received "cuda9".', () =>
    setBackend('cuda9'),
  ),
  misuse(
    'scan over a scalar',
    ShapeError,
    'scan: expected sequences with an axis to run along, received a scalar.',
    () => scan((c: Tensor, a: Tensor) => [c.add(a), c], tensor(0), tensor(1)),
  ),
  misuse(
    'scan whose carry changes its shape',
    ShapeError,
    'scan: expected the body to keep carry 0 at float32 [], received float32 [3].',
    () => scan((c: Tensor, a: Tensor) => [a, c], tensor(0), x),
  ),
  misuse(
    'scan whose body returns one thing',
    ValueError,
    'scan: expected the body to return [carry, result], received object.',
    () =>
      scan(
        anything((c: Tensor) => c),
        tensor(0),
        x,
      ),
  ),
  misuse(
    'scan of neither sequence nor length',
    ShapeError,
    'scan: expected sequences or a length, received neither.',
    () => scan((c: Tensor) => [c, c], tensor(0), undefined),
  ),
  misuse('a seed that is not whole', ValueError, 'seed: expected a whole number in [0, 2^53), received 0.5.', () =>
    random.seed(0.5),
  ),
  misuse(
    'a key that is no key',
    ShapeError,
    'uniform: expected a key (uint32 [2]) or a Generator, received float32 [2, 3]. Make one with random.key(seed).',
    () => random.uniform([2], { key: x }),
  ),
  misuse('a probability above 1', ValueError, 'dropout: expected a probability in [0, 1], received 1.5.', () =>
    random.dropout(x, 1.5),
  ),
  misuse('random integers', DTypeError, 'normal: expected a float dtype, received int32.', () =>
    random.normal([2], { dtype: 'int32' }),
  ),
];

describeMisuses(cases, Infinity);
