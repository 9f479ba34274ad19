/** The summary of a model: its layers, their shapes and sizes, in Keras's form. */
import { dtypes, type Variable } from '@antler/core';
import { terminalColumns } from './host.js';
import { type PartialShape, partialSize, showPartialShape } from './partialShape.js';
import { type AnyLayer, isShapeList } from './symbolic.js';
import { fixed } from './training/numberFormat.js';
import { type Column, drawTable } from './table.js';

/** Options of `summary`. */
export interface SummaryOptions {
  /** Width of the table. Default: the terminal's, at most 88, or 108 with connections. */
  readonly lineLength?: number;
  /** Where the text goes. Default: the console. */
  readonly print?: (text: string) => void;
}

/** What a summary shows of a model. */
export interface SummaryContent {
  readonly name: string;
  readonly rows: readonly SummaryRow[];
  readonly trainable: readonly Variable[];
  readonly nonTrainable: readonly Variable[];
  /** Undefined while there is no optimizer, or one without state. */
  readonly optimizer: readonly Variable[] | undefined;
}

/** A layer in a summary. */
export interface SummaryRow {
  readonly layer: AnyLayer;
  readonly outputShape: PartialShape | readonly PartialShape[] | undefined;
  /** What it is applied to, in models whose layers do not form a row. */
  readonly connections?: string;
}

const titles = ['Layer (type)', 'Output Shape', 'Param #', 'Connected to'];

/** The text of a summary, without a newline at its end. */
export function summaryText(content: SummaryContent, lineLength?: number): string {
  const { name, rows, trainable, nonTrainable, optimizer } = content;
  const isConnected = rows.some(({ connections }) => connections !== undefined);
  const width = lineLength ?? Math.min(isConnected ? 108 : 88, terminalColumns() - 4);
  // Where each column ends, as in Keras.
  const ends = (isConnected ? [0.3, 0.56, 0.74, 1] : [0.45, 0.8, 1]).map((end) => Math.floor(end * width));
  const table = drawTable(
    ends.map((end, i): Column => {
      return { title: titles[i]!, align: i === 2 ? 'right' : 'left', width: end - (ends[i - 1] ?? 0) };
    }),
    rows.map(({ layer, outputShape, connections }) => [
      `${layer.name} (${layer.className})`,
      showShapes(outputShape),
      layer.built ? withCommas(layer.countParams()) : '0 (unbuilt)',
      ...(connections === undefined ? [] : [connections]),
    ]),
    width,
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

function showShapes(shapes: SummaryRow['outputShape']): string {
  if (shapes === undefined) return '?';
  return isShapeList(shapes) ? `[${shapes.map(showPartialShape).join(', ')}]` : showPartialShape(shapes);
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
  return `${fixed(amount, 2)} ${units[0]}`;
}
