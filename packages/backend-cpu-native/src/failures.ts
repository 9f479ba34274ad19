/** The addon's errors become those of core. */
import { AntlerError, ResourceError, ValueError } from '@antler/core';

const classes: Readonly<Record<string, new (message: string) => AntlerError>> = {
  ANTLER_ARGUMENT: ValueError,
  ANTLER_RESOURCE: ResourceError,
  ANTLER_DEVICE: AntlerError,
};

/** The error of core that says the same; anything else than an error of the addon stays what it is. */
export function translated(where: string, error: unknown): unknown {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const kind = typeof code === 'string' ? classes[code] : undefined;
  return kind === undefined ? error : new kind(`${where}: ${String(message)}.`);
}

/** Calls the addon; its errors are thrown as those of core. */
export function calling<T>(where: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw translated(where, error);
  }
}
