/** Where folds begin. */
import { dtypes, type DType, type ReduceOp } from '@antler/core';

/** What a reduction over nothing gives. */
export function identityOf(op: ReduceOp, dtype: DType): number {
  if (op === 'sum') return 0;
  if (op === 'prod') return 1;
  const [smallest, largest] = dtypes[dtype].kind === 'float' ? [-Infinity, Infinity] : dtypes[dtype].range;
  return op === 'max' ? smallest : largest;
}
