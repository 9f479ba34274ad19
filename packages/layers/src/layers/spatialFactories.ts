/** Convolutions and pooling as functions: `layers.conv2D({ … })` is `new Conv2D({ … })`. */
import { Conv1D, Conv2D, Conv3D, type ConvLayerOptions } from './conv.js';
import {
  MaxPooling1D,
  AveragePooling1D,
  GlobalMaxPooling1D,
  GlobalAveragePooling1D,
  MaxPooling2D,
  AveragePooling2D,
  GlobalMaxPooling2D,
  GlobalAveragePooling2D,
  MaxPooling3D,
  AveragePooling3D,
  GlobalMaxPooling3D,
  GlobalAveragePooling3D,
  type GlobalPoolingOptions,
  type PoolingOptions,
} from './pooling.js';

/** The largest of each window over steps of sequences; see {@link MaxPooling1D}. */
export function maxPooling1D(options: PoolingOptions = {}): MaxPooling1D {
  return new MaxPooling1D(options);
}

/** The mean of each window over steps of sequences; see {@link AveragePooling1D}. */
export function averagePooling1D(options: PoolingOptions = {}): AveragePooling1D {
  return new AveragePooling1D(options);
}

/** The largest of each channel of sequences; see {@link GlobalMaxPooling1D}. */
export function globalMaxPooling1D(options: GlobalPoolingOptions = {}): GlobalMaxPooling1D {
  return new GlobalMaxPooling1D(options);
}

/** The mean of each channel of sequences; see {@link GlobalAveragePooling1D}. */
export function globalAveragePooling1D(options: GlobalPoolingOptions = {}): GlobalAveragePooling1D {
  return new GlobalAveragePooling1D(options);
}

/** The largest of each window over images; see {@link MaxPooling2D}. */
export function maxPooling2D(options: PoolingOptions = {}): MaxPooling2D {
  return new MaxPooling2D(options);
}

/** The mean of each window over images; see {@link AveragePooling2D}. */
export function averagePooling2D(options: PoolingOptions = {}): AveragePooling2D {
  return new AveragePooling2D(options);
}

/** The largest of each channel of images; see {@link GlobalMaxPooling2D}. */
export function globalMaxPooling2D(options: GlobalPoolingOptions = {}): GlobalMaxPooling2D {
  return new GlobalMaxPooling2D(options);
}

/** The mean of each channel of images; see {@link GlobalAveragePooling2D}. */
export function globalAveragePooling2D(options: GlobalPoolingOptions = {}): GlobalAveragePooling2D {
  return new GlobalAveragePooling2D(options);
}

/** The largest of each window over volumes; see {@link MaxPooling3D}. */
export function maxPooling3D(options: PoolingOptions = {}): MaxPooling3D {
  return new MaxPooling3D(options);
}

/** The mean of each window over volumes; see {@link AveragePooling3D}. */
export function averagePooling3D(options: PoolingOptions = {}): AveragePooling3D {
  return new AveragePooling3D(options);
}

/** The largest of each channel of volumes; see {@link GlobalMaxPooling3D}. */
export function globalMaxPooling3D(options: GlobalPoolingOptions = {}): GlobalMaxPooling3D {
  return new GlobalMaxPooling3D(options);
}

/** The mean of each channel of volumes; see {@link GlobalAveragePooling3D}. */
export function globalAveragePooling3D(options: GlobalPoolingOptions = {}): GlobalAveragePooling3D {
  return new GlobalAveragePooling3D(options);
}

/** Convolution over 1 axis; see {@link Conv1D}. */
export function conv1D(options: ConvLayerOptions): Conv1D {
  return new Conv1D(options);
}

/** Convolution over 2 axes; see {@link Conv2D}. */
export function conv2D(options: ConvLayerOptions): Conv2D {
  return new Conv2D(options);
}

/** Convolution over 3 axes; see {@link Conv3D}. */
export function conv3D(options: ConvLayerOptions): Conv3D {
  return new Conv3D(options);
}
