/** Callbacks as functions: `callbacks.earlyStopping()` is `new EarlyStopping()`. */
import { EarlyStopping, type EarlyStoppingOptions } from './earlyStopping.js';
import { LearningRateScheduler, type RateOfEpoch, ReduceLROnPlateau, type ReduceOptions } from './learningRate.js';
import { type CheckpointOptions, ModelCheckpoint } from './modelCheckpoint.js';

export { readCheckpoint } from './modelCheckpoint.js';

/** Ends training when a number has stopped to improve; see {@link EarlyStopping}. */
export function earlyStopping(options: EarlyStoppingOptions = {}): EarlyStopping {
  return new EarlyStopping(options);
}

/** Sets the learning rate before each epoch; see {@link LearningRateScheduler}. */
export function learningRateScheduler(options: { readonly schedule: RateOfEpoch }): LearningRateScheduler {
  return new LearningRateScheduler(options);
}

/** Makes the learning rate smaller when a number stays where it is; see {@link ReduceLROnPlateau}. */
export function reduceLROnPlateau(options: ReduceOptions = {}): ReduceLROnPlateau {
  return new ReduceLROnPlateau(options);
}

/** Writes the state of training to a file; see {@link ModelCheckpoint}. */
export function modelCheckpoint(options: CheckpointOptions): ModelCheckpoint {
  return new ModelCheckpoint(options);
}
