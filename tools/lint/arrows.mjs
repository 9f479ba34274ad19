// Which package may import which: core ← backends, data, layers ← antler ← apps. Everything not listed is forbidden.
//
// Each package carries its tag in its package.json, under `nx`.

/** The arrows, as `@nx/enforce-module-boundaries` takes them. */
export const arrows = [
  { sourceTag: 'layer:core', onlyDependOnLibsWithTags: [], bannedExternalImports: ['*'] },
  { sourceTag: 'layer:backend', onlyDependOnLibsWithTags: ['layer:core'] },
  { sourceTag: 'layer:data', onlyDependOnLibsWithTags: ['layer:core'] },
  { sourceTag: 'layer:layers', onlyDependOnLibsWithTags: ['layer:core'], bannedExternalImports: ['*'] },
  {
    sourceTag: 'layer:antler',
    onlyDependOnLibsWithTags: ['layer:core', 'layer:backend', 'layer:data', 'layer:layers'],
  },
  { sourceTag: 'layer:app', onlyDependOnLibsWithTags: ['layer:antler'] },
];
