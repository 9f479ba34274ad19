/** What importing `antler` does, and its parts do not: it says which backends there are, and what names such as 'adam' mean. */
import { registerBackends } from '@antler/core';
import { installNames, standardNames } from '@antler/layers';
import type { BackendTable } from './backends.js';

/** Registers the backends, best first, and the standard names of layers. */
export function install(backends: BackendTable): void {
  registerBackends(backends);
  installNames(standardNames);
}
