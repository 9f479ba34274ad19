/** Convolutions and pooling as functions: `layers.conv2D({ … })` is `new Conv2D({ … })`. */
import { Conv1D, Conv2D, Conv3D, type ConvLayerOptions } from './conv.js';
import { Conv1DTranspose, Conv2DTranspose, Conv3DTranspose, type ConvTransposeLayerOptions } from './convTranspose.js';
import { DepthwiseConv1D, DepthwiseConv2D, type DepthwiseOptions } from './depthwise.js';
import { SeparableConv1D, SeparableConv2D, type SeparableOptions } from './depthwise.js';
import {
  Cropping1D,
  Cropping2D,
  Cropping3D,
  type CroppingOptions,
  type PaddingOptions,
  UpSampling1D,
  type UpSampling1DOptions,
  UpSampling2D,
  type UpSampling2DOptions,
  ZeroPadding1D,
  ZeroPadding2D,
  ZeroPadding3D,
} from './margins.js';
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

/** Zeros around sequences; see {@link ZeroPadding1D}. */
export function zeroPadding1D(options: PaddingOptions = {}): ZeroPadding1D {
  return new ZeroPadding1D(options);
}

/** Zeros around images; see {@link ZeroPadding2D}. */
export function zeroPadding2D(options: PaddingOptions = {}): ZeroPadding2D {
  return new ZeroPadding2D(options);
}

/** Zeros around volumes; see {@link ZeroPadding3D}. */
export function zeroPadding3D(options: PaddingOptions = {}): ZeroPadding3D {
  return new ZeroPadding3D(options);
}

/** Sequences without their edges; see {@link Cropping1D}. */
export function cropping1D(options: CroppingOptions = {}): Cropping1D {
  return new Cropping1D(options);
}

/** Images without their edges; see {@link Cropping2D}. */
export function cropping2D(options: CroppingOptions = {}): Cropping2D {
  return new Cropping2D(options);
}

/** Volumes without their edges; see {@link Cropping3D}. */
export function cropping3D(options: CroppingOptions = {}): Cropping3D {
  return new Cropping3D(options);
}

/** Each step several times; see {@link UpSampling1D}. */
export function upSampling1D(options: UpSampling1DOptions = {}): UpSampling1D {
  return new UpSampling1D(options);
}

/** Larger images; see {@link UpSampling2D}. */
export function upSampling2D(options: UpSampling2DOptions = {}): UpSampling2D {
  return new UpSampling2D(options);
}

/** Transposed convolution over 1 axis; see {@link Conv1DTranspose}. */
export function conv1DTranspose(options: ConvTransposeLayerOptions): Conv1DTranspose {
  return new Conv1DTranspose(options);
}

/** Transposed convolution over 2 axes; see {@link Conv2DTranspose}. */
export function conv2DTranspose(options: ConvTransposeLayerOptions): Conv2DTranspose {
  return new Conv2DTranspose(options);
}

/** Transposed convolution over 3 axes; see {@link Conv3DTranspose}. */
export function conv3DTranspose(options: ConvTransposeLayerOptions): Conv3DTranspose {
  return new Conv3DTranspose(options);
}

/** Convolution of each channel over 1 axis; see {@link DepthwiseConv1D}. */
export function depthwiseConv1D(options: DepthwiseOptions): DepthwiseConv1D {
  return new DepthwiseConv1D(options);
}

/** Depthwise, then pointwise convolution over 1 axis; see {@link SeparableConv1D}. */
export function separableConv1D(options: SeparableOptions): SeparableConv1D {
  return new SeparableConv1D(options);
}

/** Convolution of each channel over 2 axes; see {@link DepthwiseConv2D}. */
export function depthwiseConv2D(options: DepthwiseOptions): DepthwiseConv2D {
  return new DepthwiseConv2D(options);
}

/** Depthwise, then pointwise convolution over 2 axes; see {@link SeparableConv2D}. */
export function separableConv2D(options: SeparableOptions): SeparableConv2D {
  return new SeparableConv2D(options);
}
