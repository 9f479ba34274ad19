/** The user's part of the call stack. */

const DEPTH = 60;
const SHOWN = 6;

/** Frames of Antler's own packages, installed or in their repository, and of Node. */
const own = /(?:@antler|packages)\/(?:core|layers|data|antler|backend-\w+)\/(?:src|dist)\/|node:internal/;

/** The innermost lines that called Antler; all lines where it cannot be told apart, as in a bundle. */
export function userStack(): string | undefined {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = DEPTH;
  const lines = new Error().stack?.split('\n').slice(1) ?? [];
  Error.stackTraceLimit = stackTraceLimit;
  const user = lines.filter((line) => !own.test(line));
  const shown = (user.length > 0 ? user : lines).slice(0, SHOWN);
  return shown.length === 0 ? undefined : shown.join('\n');
}
