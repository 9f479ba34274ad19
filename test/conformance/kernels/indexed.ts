/** What the cases of gather and scatter share: kernels with their fault sites, and a run that looks at the fault words. */
import type { GatherKernel, ScatterKernel, ScatterMode } from '@antler/core';
import { viewOf, type Builder, type Place, type Target } from '../builder.js';
import type { Case } from '../device.js';
import { expectEqual } from '../expect.js';

/** Axes of a gather or a scatter; those left out are none. */
export type Axes = Partial<Pick<GatherKernel, 'batch' | 'index' | 'slice'>> & Pick<GatherKernel, 'limits'>;

/** Adds a gather with a fault site for each indexed axis. */
export function gather(build: Builder, axes: Axes, x: Target, indices: Target, out: Target): void {
  const { batch = [], index = [], slice = [], limits } = axes;
  const site = build.sites('gather', limits);
  const views: Pick<GatherKernel, 'x' | 'indices' | 'out'> = {
    x: viewOf(x),
    indices: viewOf(indices),
    out: viewOf(out),
  };
  build.kernel({ kind: 'gather', batch, index, limits, slice, site, scopes: [], ...views });
}

/** Adds a scatter with a fault site for each indexed axis. */
export function scatter(
  build: Builder,
  mode: ScatterMode,
  axes: Axes,
  indices: Target,
  updates: Target,
  out: Target,
): void {
  const { batch = [], index = [], slice = [], limits } = axes;
  const site = build.sites('scatter', limits);
  const views: Pick<ScatterKernel, 'indices' | 'updates' | 'out'> = {
    indices: viewOf(indices),
    updates: viewOf(updates),
    out: viewOf(out),
  };
  build.kernel({ kind: 'scatter', mode, batch, index, limits, slice, site, scopes: [], ...views });
}

/** Runs a program with a fault slot; compares its result and the two fault words. */
export function indexed(
  define: (build: Builder) => Place,
  expected: readonly number[],
  fault: readonly [number, number] = [0, 0],
): Case['run'] {
  return async (device) => {
    const build = device.builder();
    const faults = build.faults();
    const place = define(build);
    const results = await device.run(build);
    expectEqual(results(place), expected, 'result');
    expectEqual(results(faults), fault, 'fault words (site + 1, index)');
  };
}
