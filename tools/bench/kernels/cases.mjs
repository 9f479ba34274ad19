// The kernels that are compared with what the machine can do: what each computes, and how much work that is.

/** @typedef {typeof import('antler')} Antler */
/** @typedef {import('antler').Tensor} Tensor */

/**
 * `work`: floating-point operations, or the arrays of `bytes` bytes each that the floor of its kind moves.
 *
 * @typedef {object} KernelCase
 * @property {string} title
 * @property {'gflops' | 'chain' | 'sum'} floor
 * @property {number} work floating-point operations; for `chain` and `sum` the bytes of one array
 * @property {readonly (readonly number[])[]} shapes of the arguments
 * @property {(antler: Antler) => (...x: Tensor[]) => Tensor} build
 */

/** @param {number} n @returns {KernelCase} */
const product = (n) => ({
  title: `product of ${n} × ${n} matrices`,
  floor: 'gflops',
  work: 2 * n ** 3,
  shapes: [
    [n, n],
    [n, n],
  ],
  build: (antler) => (a, b) => antler.matmul(a, b),
});

/** Convolution 3 × 3, 64 → 64 channels, and its gradients. @returns {KernelCase[]} */
function convolutions() {
  const [batch, side, channels, size] = [32, 32, 64, 3];
  const image = [batch, side, side, channels];
  const kernel = [size, size, channels, channels];
  const work = 2 * batch * side * side * channels * channels * size * size;
  /** @param {Antler} antler @returns {(x: Tensor, w: Tensor) => Tensor} */
  const conv = (antler) => (x, w) => antler.conv(x, w, { padding: 'same' });
  /** @param {Tensor[]} tensors @returns {Tensor} */
  const first = ([one]) => /** @type {Tensor} */ (one);
  const title = `convolution 3 × 3, 64 → 64, on ${side} × ${side}, batch ${batch}`;
  return [
    { title, floor: 'gflops', work, shapes: [image, kernel], build: (antler) => conv(antler) },
    {
      title: 'its gradient by the image',
      floor: 'gflops',
      work,
      shapes: [image, kernel, image],
      build: (antler) => (x, w, g) => first(antler.vjp((/** @type {Tensor} */ x) => conv(antler)(x, w))(x)[1](g)),
    },
    {
      title: 'its gradient by the kernel',
      floor: 'gflops',
      work,
      shapes: [image, kernel, image],
      build: (antler) => (x, w, g) => first(antler.vjp((/** @type {Tensor} */ w) => conv(antler)(x, w))(w)[1](g)),
    },
  ];
}

/** @param {string} size in words @param {number} rows @param {number} columns @returns {KernelCase[]} */
function streams(size, rows, columns) {
  const shape = [rows, columns];
  const work = 4 * rows * columns;
  /** @param {string} title @param {number[]} [axis] @returns {KernelCase} */
  const sum = (title, axis) => ({
    title: `${title} of ${size}`,
    floor: 'sum',
    work,
    shapes: [shape],
    build: (antler) => (x) => antler.sum(x, axis),
  });
  return [
    {
      title: `five element-wise operations on two arrays of ${size}`,
      floor: 'chain',
      work,
      shapes: [shape, shape],
      build: (antler) => (x, y) => antler.abs(x.mul(y).add(x)).mul(0.5).sub(y),
    },
    sum(`sum of all ${rows} × ${columns}`),
    sum('sum along rows', [1]),
    sum('sum along columns', [0]),
  ];
}

/** All of them. @type {readonly KernelCase[]} */
export const cases = [
  ...[256, 512, 1024].map(product),
  ...convolutions(),
  ...streams('4 MiB', 1024, 1024),
  ...streams('64 MiB', 4096, 4096),
];
