/** The public names of @antler/layers, and nothing else. */
export * as activations from './activations.js';
export * as callbacks from './callbacks/factories.js';
export * as initializers from './initializers.js';
export * as layers from './layers/factories.js';
export * as losses from './losses/factories.js';
export * as metrics from './metrics/factories.js';
export * as optimizers from './optimizers/factories.js';
export * as regularizers from './regularizers.js';
export type { Activation as ActivationFunction, ActivationName } from './activations.js';
export { EarlyStopping, type EarlyStoppingOptions } from './callbacks/earlyStopping.js';
export {
  LearningRateScheduler,
  type RateOfEpoch,
  ReduceLROnPlateau,
  type ReduceOptions,
} from './callbacks/learningRate.js';
export { type CheckpointOptions, ModelCheckpoint } from './callbacks/modelCheckpoint.js';
export type { MonitorMode, MonitorOptions } from './callbacks/monitor.js';
export { Functional, model, type ModelOptions } from './functional.js';
export type { Initializer, InitializerName, SeedOption } from './initializers.js';
export {
  Layer,
  type CallContext,
  type LayerConfig,
  type LayerOptions,
  type Mask,
  type WeightOptions,
} from './layer.js';
export { Activation, type ActivationOptions } from './layers/activation.js';
export * from './layers/arrange.js';
export { BatchNormalization, type BatchNormalizationOptions } from './layers/batchNormalization.js';
export { Conv1D, Conv2D, Conv3D, type ConvLayerOptions } from './layers/conv.js';
export * from './layers/convTranspose.js';
export { Dense, type DenseOptions } from './layers/dense.js';
export * from './layers/depthwise.js';
export { Dropout, type DropoutOptions } from './layers/dropout.js';
export { Embedding, type EmbeddingOptions } from './layers/embedding.js';
export { Flatten, type FlattenOptions } from './layers/flatten.js';
export { InputLayer, input, type InputOptions } from './layers/inputLayer.js';
export {
  GroupNormalization,
  LayerNormalization,
  RMSNormalization,
  type GroupNormalizationOptions,
  type LayerNormalizationOptions,
  type RMSNormalizationOptions,
  type ScaleShiftOptions,
} from './layers/layerNormalization.js';
export { ELU, type ELUOptions, LeakyReLU, type LeakyReLUOptions, PReLU, type PReLUOptions } from './layers/leaky.js';
export * from './layers/margins.js';
export { Masking, type MaskingOptions } from './layers/masking.js';
export {
  MultiHeadAttention,
  type AttentionContext,
  type MultiHeadAttentionOptions,
} from './layers/multiHeadAttention.js';
export * from './layers/noise.js';
export { GRU, LSTM, SimpleRNN, type GRUOptions, type LSTMOptions } from './layers/recurrences.js';
export type { GatedOptions, RecurrentOptions } from './layers/recurrent.js';
export {
  Add,
  Average,
  Concatenate,
  Maximum,
  Minimum,
  Multiply,
  Subtract,
  type ConcatenateOptions,
} from './layers/merge.js';
export * from './layers/pooling.js';
export { ReLU, Softmax, type ReLUOptions, type SoftmaxOptions } from './layers/rectified.js';
export { Reshape, type ReshapeOptions } from './layers/reshape.js';
export * from './layers/scaling.js';
export type { DataFormat, LayerPadding } from './layers/spatial.js';
export * from './layers/wrappers.js';
export {
  BinaryCrossentropy,
  CategoricalCrossentropy,
  SparseCategoricalCrossentropy,
  type CrossentropyOptions,
  type SmoothOptions,
  type SparseOptions,
} from './losses/crossentropy.js';
export { CosineSimilarity, type CosineSimilarityOptions, KLDivergence, Poisson } from './losses/divergence.js';
export * from './losses/focal.js';
export { CategoricalHinge, Hinge, SquaredHinge } from './losses/hinge.js';
export { Loss, type LossFunction, type LossName, type LossOptions } from './losses/loss.js';
export type { Reduction } from './losses/reduction.js';
export * from './losses/overlap.js';
export {
  Huber,
  type HuberOptions,
  LogCosh,
  MeanAbsoluteError,
  MeanAbsolutePercentageError,
  MeanSquaredError,
  MeanSquaredLogarithmicError,
} from './losses/regression.js';
export {
  Accuracy,
  BinaryAccuracy,
  CategoricalAccuracy,
  SparseCategoricalAccuracy,
  SparseTopKCategoricalAccuracy,
  TopKCategoricalAccuracy,
  type BinaryAccuracyOptions,
  type TopKOptions,
} from './metrics/accuracy.js';
export { AUC, type AUCOptions } from './metrics/auc.js';
export * from './metrics/bestRate.js';
export type { CountingOptions } from './metrics/confusion.js';
export * from './metrics/counts.js';
export * from './metrics/fScore.js';
export * from './metrics/iou.js';
export { R2Score, type R2Options, RootMeanSquaredError } from './metrics/regression.js';
export { Mean, MeanMetric } from './metrics/mean.js';
export { Metric, type MetricFunction, type MetricName, type MetricOptions } from './metrics/metric.js';
export { Model, type AnyModel } from './model.js';
export { resetNames } from './names.js';
export { Adafactor, type AdafactorOptions } from './optimizers/adafactor.js';
export { Adadelta, Adagrad, type AdadeltaOptions, type AdagradOptions } from './optimizers/adagrad.js';
export { Adam, AdamW, type AdamOptions } from './optimizers/adam.js';
export { Adamax, Lamb, Nadam, type MomentsOptions } from './optimizers/adamRelatives.js';
export type { ClipOptions } from './optimizers/clip.js';
export { Ftrl, type FtrlOptions } from './optimizers/ftrl.js';
export { Lion, type LionOptions } from './optimizers/lion.js';
export { Optimizer, type OptimizerName, type OptimizerOptions } from './optimizers/optimizer.js';
export { RMSprop, type RMSpropOptions } from './optimizers/rmsprop.js';
export * from './optimizers/schedules.js';
export { SGD, type SGDOptions } from './optimizers/sgd.js';
export type { PartialShape } from './partialShape.js';
export { installNames, type NameTables } from './registry.js';
export type { Regularizer, RegularizerName } from './regularizers.js';
export { Sequential, sequential } from './sequential.js';
export { standardNames } from './standardNames.js';
export type { SummaryOptions } from './summary.js';
export { SymbolicTensor } from './symbolic.js';
export type { AnyLayer, ShapesOf, SymbolicCall, Symbols, SymbolsOf, Tensors, TensorsOf } from './symbolic.js';
export type { Callback } from './training/callbacks.js';
export type { Data } from './training/columns.js';
export type { CompileOptions, LossArgument, MetricArgument, PerOutput } from './training/compilation.js';
export type { AnyBatch, Batch, BatchData, Batches } from './training/dataAdapter.js';
export type { EvaluateOptions } from './training/evaluate.js';
export type { FitOptions, OnNonFinite, ValidationData } from './training/fit.js';
export { History } from './training/history.js';
export type { ArrayData } from './training/hostRows.js';
export { BatchLogs, type Logs, type StepResult } from './training/logs.js';
export type { PredictOptions } from './training/predict.js';
export type { Output, Verbosity } from './training/progress.js';
export { decodeState, encodeState, type ModelState, type Position, type StateGroup } from './training/state.js';
