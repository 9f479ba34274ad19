/** The reference backend of Antler in plain TypeScript. */
export { createJsBackend, jsBackendOf, type JsBackendOptions } from './backend.js';
export {
  algorithmKernels,
  basicKernels,
  convolutionKernels,
  indexingKernels,
  interpretedKernels,
  orderingKernels,
  specialKernels,
  type Kernels,
} from './kernels.js';
export type { JsProgram } from './program.js';
