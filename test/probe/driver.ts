/** Finds a Vulkan driver that Dawn takes, and asks it for a device: SwiftShader, where nothing better is configured. */
import { execFileSync } from 'node:child_process';
import { runInThisContext } from 'node:vm';
import { DeviceError, describe } from '@antler/core';

const icdVariable = 'VK_ICD_FILENAMES';

/** Dawn is freed, and the process aborts, once the collector takes what `create` returned: live ones are held here. */
const held = globalThis as { antlerProbe?: Set<GPU> };

/** A device, and what to call after its last use. Rejects with a DeviceError that says what is missing. */
export async function openDevice(): Promise<{ readonly device: GPUDevice; close(): void }> {
  chooseDriver();
  const { create } = await import('webgpu').catch((error: unknown) =>
    fail(`the addon does not load (${String(error)})`),
  );
  const gpu = create([]);
  (held.antlerProbe ??= new Set()).add(gpu);
  const release = (): void => {
    if (held.antlerProbe?.delete(gpu) && held.antlerProbe.size === 0) delete held.antlerProbe;
  };
  const adapter = await gpu.requestAdapter();
  if (!adapter) {
    release();
    return fail('no adapter', 'Install chromium-common and libvulkan1, or name a Vulkan driver in VK_ICD_FILENAMES.');
  }
  const { maxStorageBuffersPerShaderStage, maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const device = await adapter.requestDevice({
    requiredLimits: { maxStorageBuffersPerShaderStage, maxBufferSize, maxStorageBufferBindingSize },
  });
  const close = (): void => {
    device.destroy();
    release();
  };
  return { device, close };
}

/** The Vulkan loader reads the environment of the process, of which a test's `process.env` is a copy. */
function chooseDriver(): void {
  const env = runInThisContext('process.env') as NodeJS.ProcessEnv;
  if (process.platform !== 'linux' || env[icdVariable] || env.VK_DRIVER_FILES) return;
  try {
    const files = execFileSync('dpkg', ['-L', 'chromium-common'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const icd = files.split('\n').find((file) => file.endsWith('vk_swiftshader_icd.json'));
    if (icd) env[icdVariable] = icd;
  } catch {
    // No Debian, or no such package: the loader's own drivers remain.
  }
}

function fail(received: string, hint?: string): never {
  throw new DeviceError(describe('createWebGpuProbe', 'a WebGPU adapter', received, hint));
}
