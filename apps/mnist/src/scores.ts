/** Scores of a classifier: from its probabilities and the true labels to a confusion matrix and what follows from it. */

/** How well one class is told apart. */
export interface ClassScore {
  readonly name: string;
  /** Share of right answers among those that said this class; NaN if none did. */
  readonly precision: number;
  /** Share of the class that was found; NaN if there was none. */
  readonly recall: number;
  /** Examples of the class. */
  readonly support: number;
  /** The class it was most often taken for. */
  readonly confusedWith: { readonly name: string; readonly count: number } | undefined;
}

/** One wrong answer. */
export interface Mistake {
  readonly index: number;
  readonly truth: number;
  readonly prediction: number;
  /** Probability that the classifier gave to its answer. */
  readonly confidence: number;
}

/** Everything the report shows about predictions. */
export interface Scores {
  readonly accuracy: number;
  /** matrix[truth][prediction] = how often. */
  readonly matrix: readonly (readonly number[])[];
  readonly classes: readonly ClassScore[];
  /** The surest first. */
  readonly mistakes: readonly Mistake[];
}

/** Scores of `probabilities` [examples, classes], row by row, against `labels` [examples]. */
export function score(probabilities: ArrayLike<number>, labels: ArrayLike<number>, names: readonly string[]): Scores {
  const matrix = names.map(() => names.map(() => 0));
  const mistakes: Mistake[] = [];
  for (let index = 0; index < labels.length; index++) {
    const at = index * names.length;
    let prediction = 0;
    for (let c = 1; c < names.length; c++) {
      if (probabilities[at + c]! > probabilities[at + prediction]!) prediction = c;
    }
    const truth = labels[index]!;
    matrix[truth]![prediction]!++;
    if (truth !== prediction) mistakes.push({ index, truth, prediction, confidence: probabilities[at + prediction]! });
  }
  mistakes.sort((a, b) => b.confidence - a.confidence);
  return {
    accuracy: (labels.length - mistakes.length) / labels.length,
    matrix,
    classes: names.map((name, c) => scoreClass(name, c, matrix, names)),
    mistakes,
  };
}

function scoreClass(name: string, c: number, matrix: number[][], names: readonly string[]): ClassScore {
  const row = matrix[c]!;
  const support = row.reduce((sum, n) => sum + n, 0);
  const said = matrix.reduce((sum, other) => sum + other[c]!, 0);
  const errors = row.map((n, prediction) => (prediction === c ? 0 : n));
  const worst = errors.indexOf(Math.max(...errors));
  return {
    name,
    precision: row[c]! / said,
    recall: row[c]! / support,
    support,
    confusedWith: errors[worst]! > 0 ? { name: names[worst]!, count: errors[worst]! } : undefined,
  };
}
