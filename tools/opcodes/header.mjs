// The C++ header of core's opcode table: one enumerator and one row per opcode, in the table's order.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../setup/setup.mjs';

/** Where the header lies. */
export const headerPath = join(root, 'native', 'common', 'opcodes.gen.h');

const tablePath = join(root, 'packages', 'core', 'src', 'graph', 'opcodes.ts');
const results = { same: 'Same', bool: 'Bool', given: 'Given' };

/** @returns {Promise<string>} the text of the header, out of core's sources */
export async function renderHeader() {
  const { outputText } = ts.transpileModule(readFileSync(tablePath, 'utf8'), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  const { opcodes } = /** @type {{ opcodes: Record<string, { arity: number, result: keyof typeof results }> }} */ (
    await import(`data:text/javascript,${encodeURIComponent(outputText)}`)
  );
  const rows = Object.entries(opcodes);
  const enumerator = (/** @type {string} */ name) => name.charAt(0).toUpperCase() + name.slice(1);
  return `// The scalar opcodes of packages/core/src/graph/opcodes.ts. Written by tools/opcodes; do not edit.
#pragma once

namespace antler {

enum class Op {
${rows.map(([name]) => `  ${enumerator(name)},`).join('\n')}
};

/** What dtype a result has next to its arguments'. */
enum class OpResult { Same, Bool, Given };

struct OpRow {
  const char* name;
  int arity;
  OpResult result;
};

constexpr int opCount = ${rows.length};

constexpr OpRow opRows[opCount] = {
${rows.map(([name, { arity, result }]) => `    {"${name}", ${arity}, OpResult::${results[result]}},`).join('\n')}
};

}  // namespace antler
`;
}
