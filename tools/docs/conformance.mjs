// The page that says what each backend proves: cases by backend and layer, out of Jest's report on test/backends.

/**
 * The parts of the report that count here. A case that had nothing to show (the device lacks its dtypes, or declines its
 * kernels) passes without an assertion; one that is skipped says so in its title, and runs to prove that it fails.
 *
 * @typedef {{ title: string, ancestorTitles: readonly string[], status: string, numPassingAsserts: number }} Assertion
 * @typedef {{ testResults: readonly { name: string, assertionResults: readonly Assertion[] }[] }} Report
 *
 * @typedef {object} Count
 * @property {number} passed
 * @property {number} failed
 * @property {number} absent what had nothing to show
 * @property {number} skipped
 */

/** @returns {Count} */
const nothing = () => ({ passed: 0, failed: 0, absent: 0, skipped: 0 });

/**
 * The page. Nothing in it depends on time or on the order in which files were run.
 *
 * @param {Report} report
 * @returns {string}
 */
export function conformancePage(report) {
  /** @type {Map<string, Map<string, Count>>} */
  const backends = new Map();
  /** @type {Map<string, Map<string, number>>} */
  const skips = new Map();
  const files = [...report.testResults].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { title, ancestorTitles, status, numPassingAsserts } of files.flatMap((file) => file.assertionResults)) {
    const [backend, layer] = [ancestorTitles[0], ancestorTitles.at(-1)];
    if (backend === undefined || layer === undefined || ancestorTitles.length < 2) continue;
    /** @type {Map<string, ReturnType<typeof nothing>>} */
    const layers = entry(backends, backend, () => new Map());
    /** @type {ReturnType<typeof nothing>} */
    const count = entry(layers, layer, nothing);
    const reason = /\(skipped: (.*)\)$/.exec(title)?.[1];
    if (status !== 'passed') count.failed++;
    else if (reason === undefined) count[numPassingAsserts > 0 ? 'passed' : 'absent']++;
    else {
      count.skipped++;
      const reasons = entry(skips, backend, () => new Map());
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
  }
  const names = [...backends.keys()];
  const layers = [...new Set([...backends.values()].flatMap((counts) => [...counts.keys()]))];
  const rows = layers.map((layer) => [layer, ...names.map((name) => cell(backends.get(name)?.get(layer)))]);
  const all = names.map((name) => cell(total([...(backends.get(name)?.values() ?? [])])));
  return `# Conformance

Every backend runs one suite (\`test/conformance\`), from single calls of the backend up to training. The layers from \`primitives\`
on go through core, each case node by node, fused and jitted. Numbers are cases that passed; beside them stand those that mean
nothing on the device, because it lacks a dtype or declines a kernel that it may decline, and those that are skipped. A skipped
case runs as well, and has to fail. Written by \`npm run docs\`.

${table(['Layer', ...names], [...rows, ['all', ...all]])}${[...skips].map(([name, reasons]) => `\n## Skipped on ${name}\n\n${list(reasons)}`).join('')}`;
}

/** @param {Count | undefined} count @returns {string} */
function cell(count) {
  if (count === undefined) return '–';
  const { passed, failed, absent, skipped } = count;
  const notes = [
    [failed, 'failed'],
    [absent, 'absent'],
    [skipped, 'skipped'],
  ];
  const shown = notes.flatMap(([n, word]) => (n === 0 ? [] : [`${n} ${word}`]));
  return shown.length === 0 ? `${passed}` : `${passed} (${shown.join(', ')})`;
}

/** @param {readonly Count[]} counts @returns {Count} */
function total(counts) {
  const sum = nothing();
  for (const count of counts)
    for (const key of /** @type {(keyof Count)[]} */ (Object.keys(sum))) sum[key] += count[key];
  return sum;
}

/** @param {ReadonlyMap<string, number>} reasons @returns {string} */
function list(reasons) {
  return [...reasons].map(([reason, n]) => `- ${reason}: ${n} case${n === 1 ? '' : 's'}\n`).join('');
}

/** A table with aligned columns, as the formatter writes it. @param {readonly string[]} head @param {readonly string[][]} rows */
function table(head, rows) {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i]?.length ?? 0)));
  const line = (/** @type {readonly string[]} */ row) =>
    `| ${row.map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((n, i) => (i === 0 ? '-'.repeat(n) : `${'-'.repeat(n - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line), ''].join('\n');
}

/**
 * The value of a key, made if need be.
 *
 * @template K, V
 * @param {Map<K, V>} map @param {K} key @param {() => V} make
 * @returns {V}
 */
function entry(map, key, make) {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
