// docs/benchmarks.md: a page of sections, each written by the benchmark that measured it, the others left as they are.

import { cpus } from 'node:os';

const opening = `# Benchmarks

Each section is written by one command, the others stay: \`npm run bench\`, \`bench:steps\`, \`bench:fit\`, \`bench:kernels\`,
\`bench:latency\`, \`bench:overheads\`. The peers in Node.js are installed by \`npm run bench:peers\`; those in Python are given by
\`-- --python PATH\`, with what \`tools/bench/steps/peers/requirements.txt\` lists. A peer that is not there is left out, with its
reason. \`bench:steps\` and \`bench:fit\` take \`--models\` and \`--threads\`: what was measured before is kept, so that the table may be
filled one model at a time.

Times are medians of one run, which a busy machine stretches: the ratio of two times, which were taken in turns, means more than
either.
`;

/** What a section begins with: the machine and the versions it was measured with. @param {Record<string, string>} versions */
export function setting(versions) {
  const processors = cpus();
  const list = Object.entries({ Node: process.versions.node, ...versions }).map(
    ([name, version]) => `${name} ${version}`,
  );
  return `Measured on ${processors[0]?.model.trim() ?? 'an unknown processor'}, ${processors.length} cores, with ${list.join(', ')}.`;
}

/** A table in Markdown. @param {readonly (readonly string[])[]} cells the first row is the head */
export function table(cells) {
  const widths = (cells[0] ?? []).map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const lines = cells.map((row) => `| ${widths.map((width, i) => (row[i] ?? '').padEnd(width)).join(' | ')} |`);
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  return lines.join('\n');
}

/**
 * The page with a section replaced, or added at its end.
 *
 * @param {string} page as it was; may be empty
 * @param {string} title of the section
 * @param {readonly string[]} paragraphs
 */
export function withSection(page, title, paragraphs) {
  const sections = page.split(/^(?=## )/m).slice(1);
  const section = `${[`## ${title}`, ...paragraphs].join('\n\n')}\n`;
  const at = sections.findIndex((one) => one.startsWith(`## ${title}\n`));
  if (at < 0) sections.push(section);
  else sections[at] = section;
  return [opening, ...sections.map((one) => `${one.trimEnd()}\n`)].join('\n');
}

/** A time in words. @param {number} milliseconds */
export function duration(milliseconds) {
  return milliseconds < 0.1 ? `${(milliseconds * 1000).toFixed(2)} µs` : `${milliseconds.toFixed(2)} ms`;
}
