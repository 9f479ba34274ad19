/** Normal form of a loop's axes: none of size 1, and neighbours that every view steps through as one are one. */

/** Axes with, for each view, its stride along each; axes of different groups are never joined. */
export interface Axes {
  readonly sizes: readonly number[];
  readonly groups: readonly number[];
  readonly rows: readonly (readonly number[])[];
}

/** The same loop with as few axes as possible. Axes in `fixed` stay as they are; `renamed` tells where they went. */
export function coalesce(
  { sizes, groups, rows }: Axes,
  fixed: ReadonlySet<number> = new Set(),
): Axes & { readonly renamed: ReadonlyMap<number, number> } {
  const merged = { sizes: [] as number[], groups: [] as number[], rows: rows.map((): number[] => []) };
  const renamed = new Map<number, number>();
  let previous = -1;
  sizes.forEach((size, axis) => {
    if (size === 1 && !fixed.has(axis)) return;
    const last = merged.sizes.length - 1;
    const joins =
      previous >= 0 &&
      groups[axis] === groups[previous] &&
      !fixed.has(axis) &&
      !fixed.has(previous) &&
      rows.every((row) => row[previous] === row[axis]! * size);
    previous = axis;
    if (joins) {
      merged.sizes[last]! *= size;
      merged.rows.forEach((row, i) => (row[last] = rows[i]![axis]!));
      return;
    }
    renamed.set(axis, last + 1);
    merged.sizes.push(size);
    merged.groups.push(groups[axis]!);
    merged.rows.forEach((row, i) => row.push(rows[i]![axis]!));
  });
  return { ...merged, renamed };
}

/** Positions of the axes of one group. */
export function axesOf({ groups }: Pick<Axes, 'groups'>, ...wanted: readonly number[]): number[] {
  return groups.flatMap((group, axis) => (wanted.includes(group) ? [axis] : []));
}

/** The values at some positions. */
export const pick = (values: readonly number[], at: readonly number[]): number[] => at.map((axis) => values[axis]!);
