import { mostProbable } from '../../ml/metrics/classification.js';
import { Confusion } from '../../ml/metrics/confusion.js';
import { PairSample } from '../../ml/metrics/pair-sample.js';
import { Reliability } from '../../ml/metrics/reliability.js';
import { Roc } from '../../ml/metrics/roc.js';
import { classesOf, type Spec } from '../../ml/spec.js';
import { classOf } from '../../ml/target.js';
import { calibrationCurve } from './calibration.js';
import { confusionMatrix } from './confusion-matrix.js';
import { predictedAgainstTrue } from './density.js';
import { errorsByPrediction } from './errors.js';
import { rocCurve } from './roc-curve.js';
import type { Picture } from './svg.js';

/** A plot of a model's performance. */
export interface Plot extends Picture {
  /** The name of its file, without extension. */
  name: string;
  /** A description in one sentence. */
  caption: string;
}

/** Collects predictions and true targets in constant memory, and plots them. */
interface Plotter {
  /**
   * Adds rows.
   * @param predictions a number per row, or the probability of each class per row
   * @param truth the true target of each row
   */
  add(predictions: Float64Array, truth: Float64Array): void;
  /** Returns the plots; none without rows. */
  plots(): Plot[];
}

const DECILES = 10;
/** Maximum number of classes in a confusion matrix; the rest are summed. */
const MOST_CLASSES = 20;

/** Creates a plotter for the spec's task. */
export function createPlotter(spec: Spec): Plotter {
  if (spec.task === 'regression') return regressionPlotter(spec);
  const classes = classesOf(spec);
  return classes.length === 2 ? binaryPlotter(spec, classes) : classPlotter(spec, classes);
}

function regressionPlotter({ target: { name, unit, transform } }: Spec): Plotter {
  const sample = new PairSample();
  const quantity = unit === undefined ? name : `${name} (${unit})`;
  const logarithmic = transform === 'log';
  return {
    add(predictions, truth) {
      for (let row = 0; row < truth.length; row++) sample.add(predictions[row]!, truth[row]!);
    },
    plots() {
      if (sample.rows === 0) return [];
      const kind = logarithmic ? 'relative' : 'absolute';
      return [
        {
          name: 'predicted',
          caption: `Each test row by its true and its predicted ${name}; on the dashed line the prediction is right.`,
          ...predictedAgainstTrue(sample.pairs, quantity, logarithmic),
        },
        {
          name: 'errors',
          caption: `The error (predicted less true) from the tenth of the test rows with the smallest predictions to that with the largest.`,
          ...errorsByPrediction(sample.groups(DECILES), quantity, unit, kind),
        },
      ];
    },
  };
}

function binaryPlotter(spec: Spec, classes: readonly string[]): Plotter {
  const reliability = new Reliability();
  const roc = new Roc();
  const [other, label] = classes as [string, string];
  let rows = 0;
  return {
    add(predictions, truth) {
      for (let row = 0; row < truth.length; row++, rows++) {
        const happened = classOf(spec, truth[row]!) === 1;
        reliability.add(predictions[2 * row + 1]!, happened);
        roc.add(predictions[2 * row + 1]!, happened);
      }
    },
    plots() {
      if (rows === 0) return [];
      const bins = reliability.bins();
      return [
        {
          name: 'calibration',
          caption: `Predicted probability of “${label}”, and the share of test rows that are “${label}”. The dashed line is perfect calibration.`,
          ...calibrationCurve(bins, `probability of “${label}”`, `share that is “${label}”`),
        },
        {
          name: 'roc',
          caption: `For each threshold of the probability: the share of “${label}” that is recognised, against the share of other rows above it.`,
          ...rocCurve(roc, label, other),
        },
      ];
    },
  };
}

function classPlotter(spec: Spec, classes: readonly string[]): Plotter {
  const confusion = new Confusion(classes.length);
  const reliability = new Reliability();
  let rows = 0;
  return {
    add(predictions, truth) {
      for (let row = 0; row < truth.length; row++, rows++) {
        const given = predictions.subarray(row * classes.length, (row + 1) * classes.length);
        const best = mostProbable(given);
        const actual = classOf(spec, truth[row]!);
        confusion.add(best, actual);
        reliability.add(given[best]!, best === actual);
      }
    },
    plots() {
      if (rows === 0) return [];
      const { kept, matrix } = confusion.joined(MOST_CLASSES);
      const names = kept.map((c) => classes[c]!);
      return [
        {
          name: 'confusion',
          caption: 'Test rows by true and predicted class.',
          ...confusionMatrix(matrix, matrix.length > names.length ? [...names, 'others'] : names),
        },
        {
          name: 'calibration',
          caption:
            'Probability of the most probable class, and the share of test rows where it is the true class. The dashed line is perfect calibration.',
          ...calibrationCurve(
            reliability.bins(),
            'probability of the most probable class',
            'share of correct predictions',
          ),
        },
      ];
    },
  };
}
