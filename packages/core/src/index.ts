/** The public names of @antler/core, and nothing else. */
export {
  dtypes,
  dtypeOfArray,
  isFloat,
  isInteger,
  isUnsigned,
  promote,
  viewAs,
  type DType,
  type TypedArray,
} from './dtype.js';
export {
  AntlerError,
  DeviceError,
  DeviceLostError,
  DTypeError,
  IndexError,
  ResourceError,
  ShapeError,
  StaleTensorError,
  TraceError,
  ValueError,
  describe,
} from './errors.js';
export { checkProgram } from './debug/check.js';
export type { CheckedDevice } from './debug/check-place.js';
export { opcodes, type Opcode } from './graph/opcodes.js';
export type * from './graph/program.js';
export type { Backend, Limits, Region } from './runtime/backend.js';
