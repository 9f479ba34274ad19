// What esbuild says about names (`keepNames`), where JavaScript says it as well.

/**
 * The same module without calls of esbuild's `__name` that give a function or a class the name that it has: a thousand of
 * them take milliseconds of an import, and those of inner functions time of each call. Lines stay where they are, for the
 * source map.
 *
 * @param {string} text what esbuild made with `keepNames`, not minified
 * @returns {string}
 */
export function withoutSpareNames(text) {
  return text
    .replace(/^ *__name\((\w+), "\1"\);$/gm, '')
    .replace(
      /((?:var|let|const) (\w+) = class(?: extends [\w.]+)? \{\n) *static \{\n *__name\(this, "\2"\);\n *\}$/gm,
      '$1\n\n',
    )
    .replace(/((?:var|let|const) (\w+) = (?:\/\* @__PURE__ \*\/ )?)__name\((.*), "\2"\);$/gm, '$1($3);')
    .replace(
      /^( *)((?:var|let|const) (\w+) = (?:\/\* @__PURE__ \*\/ )?)__name\((.*\n(?:(?!\1\S).*\n)*\1\}), "\3"\);$/gm,
      '$1$2($4);',
    );
}
