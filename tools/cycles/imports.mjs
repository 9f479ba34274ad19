// Which files a source file imports: the edges of the import graph.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/**
 * The module specifiers of a file's static imports and re-exports. `import type` does not count: it is gone at run time,
 * and types that define each other (a graph has nodes, a node may hold a graph) are no mistake.
 *
 * @param {string} path its name decides how the text is parsed
 * @param {string} text
 * @returns {string[]}
 */
export function specifiersOf(path, text) {
  const { statements } = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  return statements.flatMap((statement) => {
    if (ts.isImportDeclaration(statement)) {
      if (statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword) return [];
    } else if (!ts.isExportDeclaration(statement) || statement.isTypeOnly) return [];
    const from = statement.moduleSpecifier;
    return from !== undefined && ts.isStringLiteral(from) ? [from.text] : [];
  });
}

/**
 * The import graph of source files: each path with the paths it imports. What lies outside of the project is left out.
 *
 * @param {readonly string[]} paths
 * @param {ReadonlyMap<string, string>} packages the entry file of each package of the project, by name
 * @returns {Map<string, string[]>}
 */
export function importGraph(paths, packages) {
  return new Map(
    paths.map((path) => {
      const specifiers = specifiersOf(path, readFileSync(path, 'utf8'));
      return [path, specifiers.flatMap((specifier) => resolve(path, specifier, packages) ?? [])];
    }),
  );
}

/**
 * @param {string} from
 * @param {string} specifier
 * @param {ReadonlyMap<string, string>} packages
 * @returns {string | undefined}
 */
function resolve(from, specifier, packages) {
  if (!specifier.startsWith('.')) return packages.get(specifier);
  const path = join(dirname(from), specifier);
  const source = path.replace(/\.js$/, '.ts');
  return existsSync(source) ? source : path;
}
