/** The summary of a model: its layers, their shapes and sizes, in Keras's form. */
import { dtypes, type Variable } from '@antler/core';
import { terminalColumns } from './host.js';
import type { Layer } from './layer.js';
import { type PartialShape, partialSize, showPartialShape } from './partialShape.js';
import { drawTable } from './table.js';

/** Options of `summary`. */
export interface SummaryOptions {
  /** Width of the table. Default: the terminal's, at most 88. */
  readonly lineLength?: number;
  /** Where the text goes. Default: the console. */
  readonly print?: (text: string) => void;
}

/** What a summary shows of a model. */
export interface SummaryContent {
  readonly name: string;
  readonly rows: readonly { readonly layer: Layer; readonly outputShape: PartialShape | undefined }[];
  readonly trainable: readonly Variable[];
  readonly nonTrainable: readonly Variable[];
  /** Undefined while there is no optimizer, or one without state. */
  readonly optimizer: readonly Variable[] | undefined;
}

/** Title, column ends as parts of the line, alignment. */
const columns = [
  { title: 'Layer (type)', end: 0.45, align: 'left' },
  { title: 'Output Shape', end: 0.8, align: 'left' },
  { title: 'Param #', end: 1, align: 'right' },
] as const;

/** The text of a summary, without a newline at its end. */
export function summaryText(content: SummaryContent, lineLength: number = defaultLineLength()): string {
  const { name, rows, trainable, nonTrainable, optimizer } = content;
  const ends = columns.map(({ end }) => Math.floor(end * lineLength));
  const table = drawTable(
    columns.map(({ title, align }, i) => ({ title, align, width: ends[i]! - (ends[i - 1] ?? 0) })),
    rows.map(({ layer, outputShape }) => [
      `${layer.name} (${layer.className})`,
      outputShape === undefined ? '?' : showPartialShape(outputShape),
      layer.built ? withCommas(layer.countParams()) : '0 (unbuilt)',
    ]),
    lineLength,
  );
  return [
    `Model: "${name}"`,
    table,
    total('Total', [...trainable, ...nonTrainable, ...(optimizer ?? [])]),
    total('Trainable', trainable),
    total('Non-trainable', nonTrainable),
    ...(optimizer === undefined ? [] : [total('Optimizer', optimizer)]),
  ].join('\n');
}

function total(title: string, variables: readonly Variable[]): string {
  const count = variables.reduce((sum, { shape }) => sum + partialSize(shape)!, 0);
  const bytes = variables.reduce((sum, { shape, dtype }) => sum + partialSize(shape)! * dtypes[dtype].bytes, 0);
  return ` ${title} params: ${withCommas(count)} (${readableBytes(bytes)})`;
}

function withCommas(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

function readableBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let amount = bytes;
  while (amount >= 1024 && units.length > 1) {
    amount /= 1024;
    units.shift();
  }
  return `${amount.toFixed(2)} ${units[0]}`;
}

function defaultLineLength(): number {
  return Math.min(88, terminalColumns() - 4);
}
