/** The js backend as the reference that other backends are compared with; opened when it is first needed. */
import { createJsBackend } from '@antler/backend-js';
import { getBackend, registerBackends, setBackend } from '@antler/core';

const NAME = 'reference';

/** Makes the reference the backend in use, and moves all variables to it. */
export async function useReference(): Promise<void> {
  registerBackends({ [NAME]: () => createJsBackend() });
  await setBackend(NAME);
}

/** Computes on the reference, whatever backend is in use before and after. */
export async function onReference<T>(compute: () => Promise<T>): Promise<T> {
  const before = getBackend();
  await useReference();
  try {
    return await compute();
  } finally {
    if (before !== null) await setBackend(before);
  }
}
