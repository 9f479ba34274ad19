/** The typed errors of Antler. Every message has one form: `function: expected …, received …. Hint`. */

/** Base of every error that Antler throws on purpose. */
export class AntlerError extends Error {
  override readonly name: string = 'AntlerError';

  constructor(message?: string) {
    // Programs are made far below the user's line, which the stack should reach all the same.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = Math.max(stackTraceLimit, 50);
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The error with the stack of whoever hears of it now: what a device found out has no user's line of its own. */
export function retold<E extends AntlerError>(error: E): E {
  const { stack } = new AntlerError('');
  if (stack !== undefined) error.stack = stack.replace(/^.*/, `${error.name}: ${error.message}`);
  return error;
}

/** Shapes, ranks, axes or lengths that do not fit together. */
export class ShapeError extends AntlerError {
  override readonly name: string = 'ShapeError';
}

/** A dtype that an operation or a device does not support, or operands whose dtypes cannot meet. */
export class DTypeError extends AntlerError {
  override readonly name: string = 'DTypeError';
}

/** An index or a label outside [−n, n). Names the operation, the layer, the index and the limit. */
export class IndexError extends AntlerError {
  override readonly name: string = 'IndexError';
}

/** A value was needed while tracing, or a tensor left the trace that made it. */
export class TraceError extends AntlerError {
  override readonly name: string = 'TraceError';
}

/** A dropped value cannot be recomputed because a variable below it was overwritten, or a disposed tensor was used. */
export class StaleTensorError extends AntlerError {
  override readonly name: string = 'StaleTensorError';
}

/** NaN or an infinity where `setDebug('nan')` or `fit({ onNonFinite: 'throw' })` looks for them. Names the operation and the layer. */
export class NonFiniteError extends AntlerError {
  override readonly name: string = 'NonFiniteError';
}

/** Operands live on different devices, or a backend is unknown or cannot be used here. */
export class DeviceError extends AntlerError {
  override readonly name: string = 'DeviceError';
}

/** The device went away; everything that was on it is gone. */
export class DeviceLostError extends DeviceError {
  override readonly name: string = 'DeviceLostError';
}

/** Memory or queue space was asked for beyond what is there. */
export class ResourceError extends AntlerError {
  override readonly name: string = 'ResourceError';
}

/** An argument whose value (not its shape or dtype) makes no sense. */
export class ValueError extends AntlerError {
  override readonly name: string = 'ValueError';
}

/** Text of the one message format: who, what was expected, what came, and what to do. */
export function describe(where: string, expected: string, received: string, hint?: string): string {
  return `${where}: expected ${expected}, received ${received}.${hint === undefined ? '' : ` ${hint}`}`;
}

/** The end of a message about something recorded earlier; empty unless `setDebug('stack')` kept the stack. */
export function recordedAt(stack: string | undefined): string {
  return stack === undefined ? '' : `\nIt was recorded here:\n${stack}`;
}
