/** Emission: clusters become kernels. */
import type { Block } from './block.js';
import type { Fused } from './fuse.js';
import { emitLoop } from './loop.js';
import { emitProduct } from './product.js';
import type { Kernel } from './program.js';

/** Kernels of all clusters, in order. */
export function emitClusters(block: Block, { clusters, wanted }: Fused): Kernel[] {
  return clusters.flatMap((cluster) => {
    const { head } = cluster;
    if (head === null) return emitLoop(block, cluster, wanted);
    return head.kind === 'product' ? emitProduct(block, cluster, head, wanted) : head.emit(wanted);
  });
}
