/** The public names of @antler/core, and nothing else. */
export { grad, stopGradient, valueAndGrad, type GradOptions, type Gradients } from './autodiff/api.js';
export { checkpoint, customGradient, vjp } from './autodiff/custom.js';
export type { Operand } from './operand.js';
export { convRoles, convShapes, type ConvMap, type ConvShapes, type Widths } from './ops/primitives/convolution.js';
export type { CreateOptions, HostArray, NestedNumbers, TensorData } from './ops/host.js';
export * from './dtype.js';
export {
  AntlerError,
  DeviceError,
  DeviceLostError,
  DTypeError,
  IndexError,
  NonFiniteError,
  ResourceError,
  ShapeError,
  StaleTensorError,
  TraceError,
  ValueError,
  describe,
} from './errors.js';
export { setDebug, type DebugTopic } from './debug/debug.js';
export type { ChromeTrace, ChromeTraceEvent } from './debug/chromeTrace.js';
export type { KernelDescription } from './debug/describeKernel.js';
export { withFiniteChecks } from './debug/finite.js';
export { memory, type DeviceMemory, type MemoryReport } from './debug/memory.js';
export { profile, type KernelTime, type Profile, type ProgramRun, type TotalTime } from './debug/profile.js';
export { graphOf } from './debug/recorded.js';
export type { Graph, GraphInput, GraphNode, Type } from './graph/graph.js';
export { elementsOf, halves, isHalf, numbersOf, type Half, type HalfFormat } from './halves.js';
export { lower, type LowerOptions } from './graph/lower.js';
export { graphToMermaid, printGraph, printProgram, programToMermaid } from './graph/print.js';
export { coalesce } from './graph/axes.js';
export { opcodes, type Opcode } from './graph/opcodes.js';
export type * from './graph/program.js';
export type { HostAlgorithm, Matrix } from './ops/algorithms/matrices.js';
export { jit, type Jitted, type JitOptions } from './jit/jit.js';
export { outside, withScope } from './jit/trace.js';
export type { Handle } from './node.js';
export { foldIdentity } from './primitives/folds.js';
export type { Axes } from './ops/numeric.js';
export * from './ops/activations.js';
export * from './ops/arrange.js';
export * from './ops/attention.js';
export * from './ops/bits.js';
export * from './ops/conv.js';
export * from './ops/creation.js';
export { einsum } from './ops/einsum.js';
export * from './ops/elementary.js';
export * from './ops/indexing.js';
export * as image from './ops/image.js';
export * from './ops/integers.js';
export * from './ops/linalg.js';
export * from './ops/losses.js';
export * from './ops/math.js';
export * from './ops/matrices.js';
export * from './ops/nn.js';
export * from './ops/normalization.js';
export {
  argsort,
  booleanMask,
  cummax,
  cummin,
  cumprod,
  cumsum,
  digitize,
  median,
  nonzero,
  quantile,
  searchsorted,
  sort,
  topK,
  unique,
  type CumulateOptions,
  type SizeOptions,
  type SortOptions,
} from './ops/ordering.js';
export * from './ops/pooling.js';
export * from './ops/rearrange.js';
export * from './ops/recurrent.js';
export * from './ops/reduction.js';
export * from './ops/segments.js';
export * from './ops/shape.js';
export type { Padding, PerAxis } from './ops/spatial.js';
export * from './ops/statistics.js';
export * from './ops/subscripts.js';
export { primitives } from './primitives/all.js';
export type { Primitive, PrimitiveParams } from './primitives/params.js';
export * as random from './ops/random.js';
export { Generator } from './ops/random.js';
export type { Backend, Limits, Region } from './runtime/backend.js';
export { backendNames, registerBackends, type BackendFactory } from './runtime/devices.js';
export { setFusion, type Fusion } from './runtime/programs.js';
export * from './runtime/scope.js';
export { fence } from './runtime/window.js';
export { scan, type ScanOptions } from './ops/scan.js';
export { sameShape, showShape, sizeOf, stridesOf, type Shape } from './shape.js';
export { Tensor, type NestedArray } from './tensor.js';
export { Variable, type VariableOptions } from './variable.js';
