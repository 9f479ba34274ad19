/** Finds a Vulkan driver that Dawn takes, and asks it for a device: SwiftShader, where nothing better is configured. */
import { execFileSync } from 'node:child_process';
import { runInThisContext } from 'node:vm';
import { DeviceError, describe } from '@antler/core';

/** Dawn is freed, and the process aborts, once the collector takes what `create` returned: live ones are held here. */
const held = globalThis as { antlerProbes?: Set<GPU> };

/** A device, and what to call after its last use: Node does not exit before. Rejects with a DeviceError. */
export async function openDevice(): Promise<{ readonly device: GPUDevice; readonly dispose: () => void }> {
  chooseDriver();
  const { create } = await import('webgpu').catch((error: unknown) => unavailable(String(error)));
  const gpu = create([]);
  (held.antlerProbes ??= new Set()).add(gpu);
  const adapter = await gpu.requestAdapter();
  if (adapter === null) {
    held.antlerProbes.delete(gpu);
    return unavailable('none', 'Install chromium-common and libvulkan1, or name a Vulkan driver in VK_ICD_FILENAMES.');
  }
  const { maxStorageBuffersPerShaderStage, maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const requiredLimits = { maxStorageBuffersPerShaderStage, maxBufferSize, maxStorageBufferBindingSize };
  const device = await adapter.requestDevice({ requiredLimits });
  const dispose = (): void => {
    device.destroy();
    held.antlerProbes?.delete(gpu);
  };
  return { device, dispose };
}

/** The Vulkan loader reads the environment of the process, of which a test's `process.env` is a copy. */
function chooseDriver(): void {
  const env = runInThisContext('process.env') as NodeJS.ProcessEnv;
  if (process.platform !== 'linux' || env.VK_ICD_FILENAMES || env.VK_DRIVER_FILES) return;
  try {
    const files = execFileSync('dpkg', ['-L', 'chromium-common'], { encoding: 'utf8', stdio: 'pipe' }).split('\n');
    env.VK_ICD_FILENAMES = files.find((file) => file.endsWith('/vk_swiftshader_icd.json')) ?? '';
  } catch {
    // No Debian, or no such package: the loader's own drivers remain.
  }
}

function unavailable(received: string, hint?: string): never {
  throw new DeviceError(describe('createWebGpuProbe', 'a WebGPU adapter', received, hint));
}
