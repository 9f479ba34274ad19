/** The final report, as text: what the scores say, where the network errs, how long everything took. */
import { drawImage } from './digit.js';
import type { Scores } from './scores.js';
import { showCount, showSeconds, showShare, sideBySide, table } from './text.js';

/** What the report is made of. */
export interface Results {
  readonly scores: Scores;
  readonly loss: number;
  /** Test images, row-major, 0 to 1. */
  readonly images: { readonly data: Float32Array; readonly shape: readonly number[] };
  readonly backend: string;
  /** Seconds. */
  readonly times: { readonly load: number; readonly train: number; readonly evaluate: number };
  readonly epochs: number;
  /** Training images in an epoch. */
  readonly trained: number;
  readonly batchSize: number;
}

/** What the terminal can show. */
export interface Screen {
  readonly columns: number;
  readonly color: boolean;
}

/** The whole report. */
export function report(results: Results, screen: Screen): string {
  const { scores } = results;
  const tested = scores.matrix.flat().reduce((sum, n) => sum + n, 0);
  const sections = [
    [`Test accuracy ${showShare(scores.accuracy, 2)}, loss ${results.loss.toFixed(4)} (${showCount(tested)} images)`],
    classTable(scores),
    ['Confusion matrix (down: truth, across: answer)', '', ...confusionMatrix(scores)],
    mistakes(results, screen),
    timing(results),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
    .concat('\n');
}

/** Precision, recall, support and the usual mistake of each class. */
export function classTable({ classes }: Scores): string[] {
  return table([
    ['digit', 'precision', 'recall', 'support', 'most confused with '],
    ...classes.map(({ name, precision, recall, support, confusedWith }) => [
      name,
      showShare(precision),
      showShare(recall),
      showCount(support),
      confusedWith === undefined ? '' : `${confusedWith.name} (${showCount(confusedWith.count)}×)`,
    ]),
  ]);
}

/** Counts, with dots for zeros so that the mistakes stand out. */
export function confusionMatrix({ matrix, classes }: Scores): string[] {
  const names = classes.map(({ name }) => name);
  return table([
    ['', ...names],
    ...matrix.map((row, c) => [names[c]!, ...row.map((n) => (n === 0 ? '·' : String(n)))]),
  ]);
}

/** The surest mistakes, drawn. */
function mistakes({ scores, images }: Results, screen: Screen): string[] {
  const shown = scores.mistakes.slice(0, 6);
  if (shown.length === 0) return [];
  const width = images.shape[2]!;
  const area = images.shape[1]! * width;
  const blocks = shown.map(({ index, truth, prediction, confidence }) => [
    ...drawImage(images.data.subarray(index * area, (index + 1) * area), width, screen.color),
    `${nameOf(scores, truth)}, taken for ${nameOf(scores, prediction)} (${showShare(confidence)})`,
  ]);
  const title = `The surest of ${showCount(scores.mistakes.length)} mistakes`;
  return [title, '', ...sideBySide(blocks, screen.columns)];
}

function timing({ times, epochs, trained, batchSize, backend }: Results): string[] {
  const steps = epochs * Math.ceil(trained / batchSize);
  return table([
    ['Backend ', `${backend} `],
    [
      'Training ',
      `${showSeconds(times.train)} (${showSeconds(times.train / epochs)} per epoch of ${showCount(trained)} images)`,
    ],
    [
      '',
      `${showCount(Math.round((epochs * trained) / times.train))} images/s, ${((1000 * times.train) / steps).toFixed(2)} ms per step of ${batchSize}`,
    ],
    ['Other ', `loading ${showSeconds(times.load)}, evaluation ${showSeconds(times.evaluate)}`],
  ]);
}

function nameOf({ classes }: Scores, c: number): string {
  return classes[c]!.name;
}
