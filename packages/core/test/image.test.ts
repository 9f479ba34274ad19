/** Images inside of jit. */
import { createJsBackend } from '@antler/backend-js';
import { beforeAll, expect, test } from '@jest/globals';
import * as antler from '../src/index.js';
import { image, registerBackends, setBackend, type Tensor } from '../src/index.js';

beforeAll(async () => {
  registerBackends({ js: createJsBackend });
  await setBackend('js');
});

test('images inside of jit are one program, with the same numbers', async () => {
  const f = (x: Tensor): Tensor => image.adjustHue(image.resize(x, [5, 4], { interpolation: 'bicubic' }), 0.2);
  const x = antler.random.uniform([2, 3, 3, 3], { key: antler.random.key(1) });
  expect(await antler.jit(f)(x).data()).toEqual(await f(x).data());
});
