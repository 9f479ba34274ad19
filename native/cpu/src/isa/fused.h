// Inner loops of the composites, compiled for each instruction set. All arrays are float32 and dense.
#pragma once

#include <cstdint>

namespace antler {

/** A pool over images [n, h, w, c]; what lies outside of them is never read. */
struct PoolGeometry {
  int64_t images, height, width, channels, outHeight, outWidth;
  int64_t tapsDown, tapsAcross, strideDown, strideAcross, top, left;

  /** Windows side by side, all of them inside: what each writes no other one reads. */
  bool isTiled() const {
    return tapsDown == strideDown && tapsAcross == strideAcross && top == 0 && left == 0 &&
           outHeight * strideDown <= height && outWidth * strideAcross <= width;
  }
};

struct PoolRoutines {
  /** Rows `from` to `to` of the outputs of all images. */
  void (*maxForward)(const PoolGeometry& pool, const float* x, float* y, int64_t from, int64_t to);
  /** Images `from` to `to`. */
  void (*maxBackward)(const PoolGeometry& pool, const float* x, const float* y, const float* g, float* dx,
                      int64_t from, int64_t to);
  /**
   * Where windows are tiled: the gradient of max(x, 0) and of the pool behind it, which may lie where x does, and its sums by
   * channel, which are added to. `room` has as many floats as channels.
   */
  void (*maxBackwardRelu)(const PoolGeometry& pool, const float* x, const float* y, const float* g, float* dx,
                          double* sums, float* room, int64_t from, int64_t to);
  void (*meanForward)(const PoolGeometry& pool, const float* x, float* y, int64_t from, int64_t to);
  void (*meanBackward)(const PoolGeometry& pool, const float* g, float* dx, int64_t from, int64_t to);
};

/** An LSTM (four gates) or GRU (three) over [batch, steps, …]. */
struct Recurrence {
  int64_t steps, units;
  int64_t gates;
};

struct RecurrenceRoutines {
  int64_t lanes;
  /** Floats of the packed kernel, whether forwards or backwards. */
  int64_t (*packed)(const Recurrence& r);
  void (*packForward)(const Recurrence& r, const float* kernel, float* packed);
  /** Likewise of a kernel [features, gates units], which has units features floats a gate, in whole vectors of units. */
  void (*packInput)(const Recurrence& r, int64_t features, const float* kernel, float* packed);
  void (*packBackward)(const Recurrence& r, const float* kernel, float* packed);

  struct LstmForward {
    Recurrence shape;
    const float *products, *packed, *state, *cell;
    float *outputs, *lastState, *lastCell, *cells, *states, *gates;
    /** In the place of `products`, which is null then: what they are made of. The bias may be null. */
    const float *x, *packedInput, *bias;
    int64_t features;
  };
  /** Rows `from` to `to` of the batch, all steps. */
  void (*lstmForward)(const LstmForward& a, int64_t from, int64_t to);

  struct LstmBackward {
    Recurrence shape;
    const float *packed, *cells, *gates, *gState, *gCell;
    /** Null when only the last state has a cotangent. */
    const float* gOutputs;
    float *slopes, *dState, *dCell;
  };
  void (*lstmBackward)(const LstmBackward& a, int64_t from, int64_t to);

  struct GruForward {
    Recurrence shape;
    const float *products, *packed, *bias, *state;
    float *outputs, *lastState, *states, *gates;
  };
  void (*gruForward)(const GruForward& a, int64_t from, int64_t to);

  struct GruBackward {
    Recurrence shape;
    const float *packed, *states, *gates, *gState, *gOutputs;
    float *ofProducts, *ofStates, *dState;
  };
  void (*gruBackward)(const GruBackward& a, int64_t from, int64_t to);
};

/** q [b, t, h, d], k [b, s, h, d], v [b, s, h, e]. */
struct AttentionGeometry {
  int64_t batch, heads, queries, keys, depth, values;
  float scale;
  bool causal;
};

struct AttentionRoutines {
  /** Floats that one thread works with. */
  int64_t (*forwardRoom)(const AttentionGeometry& a);
  int64_t (*backwardRoom)(const AttentionGeometry& a);
  struct Forward {
    AttentionGeometry shape;
    const float *q, *k, *v;
    /** [b, h, t, s], or null. */
    const uint8_t* mask;
    float *y, *top, *sum;
  };
  /** Heads `from` to `to` of all samples. */
  void (*forward)(const Forward& a, float* room, int64_t from, int64_t to);
  struct Backward {
    AttentionGeometry shape;
    const float *q, *k, *v, *y, *top, *sum, *g;
    const uint8_t* mask;
    float *dq, *dk, *dv;
  };
  void (*backward)(const Backward& a, float* room, int64_t from, int64_t to);
};

/** Loops over rows of `n`. */
struct RowRoutines {
  void (*softmax)(const float* x, float* y, int64_t rows, int64_t n);
  void (*logSoftmax)(const float* x, float* y, int64_t rows, int64_t n);
  void (*softmaxBackward)(const float* y, const float* g, float* dx, int64_t rows, int64_t n);
  void (*logSoftmaxBackward)(const float* y, const float* g, float* dx, int64_t rows, int64_t n);
  /** −Σ target · log softmax, one number for each row. */
  void (*crossEntropy)(const float* x, const float* targets, float* y, int64_t rows, int64_t n);
  void (*crossEntropyBackward)(const float* x, const float* targets, const float* g, float* dx, int64_t rows, int64_t n);
  void (*sparseCrossEntropyBackward)(const float* x, const int32_t* labels, const float* g, float* dx, int64_t rows,
                                     int64_t n);
  void (*layerNorm)(const float* x, const float* gamma, const float* beta, double epsilon, float* y, float* mean,
                    float* inverse, int64_t rows, int64_t n);
  /** Adds what the rows give to dγ and dβ to two lists of doubles; `room` has 2 n floats. */
  void (*layerNormBackward)(const float* x, const float* gamma, const float* mean, const float* inverse, const float* g,
                            float* dx, double* dGamma, double* dBeta, float* room, int64_t rows, int64_t n);
};

/**
 * Loops over pixels of `channels` floats. The channels are repeated to rows of `width` floats, so that few of them fill a
 * vector as well as many; parameters are repeated likewise.
 */
struct ChannelRoutines {
  /** Adds Σ (x − pivot) and Σ (x − pivot)² of `count` floats to doubles; `room` has 2 width floats. */
  void (*moments)(const float* x, const float* pivot, double* sums, double* squares, float* room, int64_t count,
                  int64_t width);
  /** y = (x − mean) · scale + shift. */
  void (*normalize)(const float* x, const float* mean, const float* scale, const float* shift, float* y, int64_t count,
                    int64_t width);
  /** Adds Σ g and Σ g · (x − mean) to doubles. */
  void (*slopes)(const float* x, const float* mean, const float* g, double* sums, double* products, float* room,
                 int64_t count, int64_t width);
  /** dx = scale · (g − (offset + (x − mean) · slant)). */
  void (*denormalize)(const float* x, const float* mean, const float* scale, const float* offset, const float* slant,
                      const float* g, float* dx, int64_t count, int64_t width);
};

/** A convolution of 3×3 taps without strides: x [n, h, w, c], y [n, oh, ow, f]. Channels and filters are multiples of 16. */
struct WinogradGeometry {
  int64_t images, height, width, channels, outHeight, outWidth, filters;
  /** Padding before. */
  int64_t top, left;

  int64_t tilesDown() const { return (outHeight + 1) / 2; }
  int64_t tilesAcross() const { return (outWidth + 1) / 2; }
  int64_t tiles() const { return images * tilesDown() * tilesAcross(); }
};

/** One step on the way from a sum to what is stored. */
struct FinishStep {
  /** With one number for each channel, or one for all; `AddEntry` has one for each entry of the result. */
  enum Kind { Add, Subtract, Multiply, AtLeast, AtMost, AddEntry };
  Kind kind = Add;
  /** Null where `number` is for all. */
  const float* operand = nullptr;
  float number = 0;
};

/** What becomes of a sum before it is stored. */
struct Finish {
  static constexpr int most = 8;
  int count = 0;
  FinishStep steps[most];
  /** Only the largest of each tile is stored; in `choices`, if there are any, whose it was. */
  bool pools = false;
  int8_t* choices = nullptr;
};

/** What a window's choice is when its largest sum is not positive; else the number of the pixel that had it first. */
constexpr int8_t noChoice = 4;

/** Slopes of outputs; with choices, of what a pool made of them. */
struct OutputSlopes {
  const float* dy;
  const int8_t* choices = nullptr;
};

/** From x to y; from y to x, as a convolution with the kernel turned; from tiles of y to patches of x, which are added up. */
enum class WinogradWay : uint8_t { Forward, Turned, Adjoint };

struct WinogradRoutines {
  int64_t blockTiles;
  /** Floats that one thread works with. */
  int64_t (*forwardRoom)(const WinogradGeometry& g);
  int64_t (*backwardRoom)(const WinogradGeometry& g);
  int64_t (*slopesRoom)(const WinogradGeometry& g);
  /** 16 c f floats of a kernel [3, 3, c, f], for a way through it. Channels `from` to `to`. */
  void (*pack)(const float* kernel, int64_t channels, int64_t filters, WinogradWay way, float* packed, int64_t from,
               int64_t to);
  /** Blocks of tiles `from` to `to`. */
  void (*forward)(const WinogradGeometry& g, const float* x, const float* packed, const Finish& finish, float* y,
                  float* room, int64_t from, int64_t to);
  /** The slopes of images `from` to `to`, all of whose tiles lie inside; their choices are given. */
  void (*backward)(const WinogradGeometry& g, const OutputSlopes& slopes, const float* packed, float* dx, float* room,
                   int64_t from, int64_t to);
  /** 16 c f sums over tiles `from` to `to`, of which the slope of the kernel is made. */
  void (*slopes)(const WinogradGeometry& g, const float* x, const OutputSlopes& slopes, float* sums, float* room,
                 int64_t from, int64_t to);
  /** Entries `from` to `to`, multiples of 16, of each tap; `plane` is c f. */
  void (*finish)(const float* sums, int64_t parts, int64_t plane, float* dKernel, int64_t from, int64_t to);
};

/**
 * A convolution of images [n, h, w, c] by a kernel [taps, taps, c, f], or by one of [taps, taps, 1, c] where every channel is
 * filtered by itself. What lies outside of the images is 0.
 */
struct WindowGeometry {
  int64_t images, height, width, channels, outHeight, outWidth, filters;
  int64_t tapsDown, tapsAcross, strideDown, strideAcross, dilationDown, dilationAcross;
  /** Padding before. */
  int64_t top, left;

  int64_t depth() const { return tapsDown * tapsAcross * channels; }
};

/** As it lies, and packed, if it is: else that is done on the way. */
struct WindowKernel {
  const float* plain;
  const float* packed = nullptr;
};

/** Each filter sees all channels. Pixels across a window are neighbours: no dilation across unless there is one tap. */
struct WindowRoutines {
  /** Work is cut at multiples of so many filters. */
  int64_t panel;
  /** Pieces of rows of outputs in all. */
  int64_t (*units)(const WindowGeometry& g);
  /** Floats that a thread works with. */
  int64_t (*room)(const WindowGeometry& g);
  /** Floats of a packed kernel. */
  int64_t (*packedSize)(const WindowGeometry& g);
  /** Filters `from` to `to`. */
  void (*pack)(const WindowGeometry& g, const float* kernel, float* packed, int64_t from, int64_t to);
  /** Units and filters `from` to `to`. */
  void (*forward)(const WindowGeometry& g, const float* x, const WindowKernel& kernel, const Finish& finish, float* y,
                  float* room, int64_t fromUnit, int64_t toUnit, int64_t fromFilter, int64_t toFilter);
};

/** Each channel is filtered by itself. */
struct DepthwiseRoutines {
  /** Work is cut at multiples of so many channels. */
  int64_t panel;
  /** Rows of outputs in all. */
  int64_t (*units)(const WindowGeometry& g);
  /** Units and channels `from` to `to`. */
  void (*forward)(const WindowGeometry& g, const float* x, const float* kernel, const Finish& finish, float* y,
                  int64_t fromUnit, int64_t toUnit, int64_t fromChannel, int64_t toChannel);
};

/**
 * A convolution without padding of few channels, its relu, and a max pool of 2×2 windows. Offsets are in floats within an image.
 */
struct PooledConvGeometry {
  /** Windows of an image; from one to the next, and from one of its pixels to the next. */
  int64_t rows, columns, down, across;
  /** Taps of all channels, where each is from the pixel's corner. */
  int64_t taps;
  const int64_t* offsets;
  int64_t filters;

  int64_t windows() const { return rows * columns; }
};

struct PooledConvRoutines {
  /** What filters come in. */
  int64_t lanes;
  /** One image; `bias` and `choices` may be null. */
  void (*forward)(const PooledConvGeometry& g, const float* x, const float* kernel, const float* bias, float* y,
                  int8_t* choices);
  /** Adds one image's slopes of the kernel to [taps, filters]. `room` has 4 columns filters floats. */
  void (*slopes)(const PooledConvGeometry& g, const float* x, const OutputSlopes& slopes, float* dKernel, float* room);
  /** Adds the slopes of some windows that a pixel was chosen of to a list of doubles. */
  void (*sums)(const OutputSlopes& slopes, int64_t windows, int64_t filters, double* sums);
};

struct FusedRoutines {
  PoolRoutines pools;
  RecurrenceRoutines recurrences;
  AttentionRoutines attention;
  RowRoutines rows;
  ChannelRoutines channels;
  WinogradRoutines winograd;
  WindowRoutines windows;
  DepthwiseRoutines depthwise;
  PooledConvRoutines pooledConv;
};

}  // namespace antler
