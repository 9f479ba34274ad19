/** The backends of Node.js, best first. Their native parts are loaded when a backend is made, not before. */
import { createNativeBackend } from '@antler/backend-cpu-native';
import { portableBackends, type BackendTable } from './backends.js';

/** What `doctor` tries. */
export const nodeBackends: BackendTable = { native: () => createNativeBackend(), ...portableBackends };

/** The same for programs: the first time that the native backend is wanted and not there, one line says why. */
export function announced(table: BackendTable): BackendTable {
  let said = false;
  const native = (): ReturnType<BackendTable[string]> => {
    try {
      return table.native!();
    } catch (error) {
      if (!said) console.warn(`antler: ${(error as Error).message} The js backend computes the same numbers, slower.`);
      said = true;
      throw error;
    }
  };
  return { ...table, native };
}
