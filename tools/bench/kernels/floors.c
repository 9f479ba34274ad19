/* What the machine can do at best: fused multiply-adds in registers, and numbers moved through memory.
 *
 * Usage: floors BYTES...; prints one line of JSON, {"gflops": ..., "chain": {BYTES: ms}, "sum": {BYTES: ms}}. BYTES is the
 * size of one array. Each is the best of many repetitions on OMP_NUM_THREADS threads. */

#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__AVX512F__)
#define WIDTH 64
#elif defined(__AVX__)
#define WIDTH 32
#else
#define WIDTH 16
#endif
#if defined(__SSE2__)
#include <immintrin.h>
#endif

typedef float vector __attribute__((vector_size(WIDTH)));
enum { lanes = WIDTH / sizeof(float), chains = 12 };

/* GFLOP/s of one round: as many independent sums as hide the latency and still fit into the registers. */
static double fused_multiply_adds(void) {
  const long turns = 4000000;
  float total = 0;
  double start = omp_get_wtime();
#pragma omp parallel reduction(+ : total)
  {
    vector sums[chains], factor, term;
    for (int lane = 0; lane < lanes; lane++) factor[lane] = 0.999f, term[lane] = 0.001f + total;
    for (int i = 0; i < chains; i++) sums[i] = term * (float)i;
    for (long turn = 0; turn < turns; turn++) {
#pragma GCC unroll 12
      for (int i = 0; i < chains; i++) sums[i] = sums[i] * factor + term;
    }
    for (int i = 0; i < chains; i++) total += sums[i][0];
  }
  double seconds = omp_get_wtime() - start;
  volatile float kept = total;
  (void)kept;
  return 2.0 * lanes * chains * turns * omp_get_max_threads() / seconds / 1e9;
}

/* Two arrays read, one written: what any element-wise function of two arrays must move. */
static void add(float *restrict out, const float *restrict x, const float *restrict y, long count) {
#pragma omp parallel for simd schedule(static)
  for (long i = 0; i < count; i++) out[i] = x[i] + y[i];
}

/* The same past the caches, which spares the reading of what will be overwritten. */
static void add_past_caches(float *restrict out, const float *restrict x, const float *restrict y, long count) {
#if defined(__SSE2__)
#pragma omp parallel
  {
    int threads = omp_get_num_threads(), thread = omp_get_thread_num();
    long blocks = count / lanes, from = blocks * thread / threads, to = blocks * (thread + 1) / threads;
    for (long i = from * lanes; i < to * lanes; i += lanes) {
#if WIDTH == 64
      _mm512_stream_ps(out + i, _mm512_add_ps(_mm512_load_ps(x + i), _mm512_load_ps(y + i)));
#elif WIDTH == 32
      _mm256_stream_ps(out + i, _mm256_add_ps(_mm256_load_ps(x + i), _mm256_load_ps(y + i)));
#else
      _mm_stream_ps(out + i, _mm_add_ps(_mm_load_ps(x + i), _mm_load_ps(y + i)));
#endif
    }
    _mm_sfence();
  }
#else
  add(out, x, y, count);
#endif
}

/* One array read. Four vectors of sums, or additions would wait for each other. */
static float sum(const float *x, long count) {
  float total = 0;
#pragma omp parallel reduction(+ : total)
  {
    int threads = omp_get_num_threads(), thread = omp_get_thread_num();
    long blocks = count / (8 * lanes), from = blocks * thread / threads, to = blocks * (thread + 1) / threads;
    const vector *all = (const vector *)x;
    vector sums[8] = {0};
    for (long block = from; block < to; block++) {
#pragma GCC unroll 8
      for (int i = 0; i < 8; i++) sums[i] += all[8 * block + i];
    }
    for (int i = 0; i < 8; i++)
      for (int lane = 0; lane < lanes; lane++) total += sums[i][lane];
  }
  return total;
}

static double milliseconds_since(double start) { return (omp_get_wtime() - start) * 1e3; }

int main(int arguments, char **argument) {
  double gflops = 0;
  for (int i = 0; i < 30; i++) gflops = fmax(gflops, fused_multiply_adds());
  printf("{\"gflops\": %.2f", gflops);
  enum { most = 16 };
  double chain[most], sums[most];
  for (int size = 1; size < arguments && size <= most; size++) {
    long bytes = atol(argument[size]), count = bytes / (long)sizeof(float);
    float *x = aligned_alloc(4096, bytes), *y = aligned_alloc(4096, bytes), *out = aligned_alloc(4096, bytes);
    if (!x || !y || !out) return 1;
#pragma omp parallel for schedule(static)
    for (long i = 0; i < count; i++) x[i] = 1, y[i] = 2, out[i] = 0;
    chain[size - 1] = sums[size - 1] = INFINITY;
    for (double begun = omp_get_wtime(); milliseconds_since(begun) < 400;) {
      double start = omp_get_wtime();
      add(out, x, y, count);
      chain[size - 1] = fmin(chain[size - 1], milliseconds_since(start));
      start = omp_get_wtime();
      add_past_caches(out, x, y, count);
      chain[size - 1] = fmin(chain[size - 1], milliseconds_since(start));
    }
    volatile float kept = 0;
    for (double begun = omp_get_wtime(); milliseconds_since(begun) < 200;) {
      double start = omp_get_wtime();
      kept = kept + sum(x, count);
      sums[size - 1] = fmin(sums[size - 1], milliseconds_since(start));
    }
    free(x), free(y), free(out);
  }
  printf(", \"chain\": {");
  for (int i = 1; i < arguments; i++) printf("%s\"%s\": %.5f", i > 1 ? ", " : "", argument[i], chain[i - 1]);
  printf("}, \"sum\": {");
  for (int i = 1; i < arguments; i++) printf("%s\"%s\": %.5f", i > 1 ? ", " : "", argument[i], sums[i - 1]);
  printf("}}\n");
  return 0;
}
