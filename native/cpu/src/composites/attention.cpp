// Attention and its gradient; threads share the heads of all samples.
#include "composites.h"

namespace antler {
namespace {

/** Parameters: the scale, and 1 for causal. */
AttentionGeometry geometryOf(const CompositeSpec& spec) {
  demand(spec.inputs.size() >= 3, "q, k and v");
  const Sizes& q = spec.inputs[0].shape;
  const Sizes& k = spec.inputs[1].shape;
  const Sizes& v = spec.inputs[2].shape;
  demand(q.size() == 4 && k.size() == 4 && v.size() == 4, "q, k and v of four axes");
  demand(spec.params.size() == 2, "a scale, and whether a query sees the past alone");
  AttentionGeometry a{};
  a.batch = q[0];
  a.queries = q[1];
  a.heads = q[2];
  a.depth = q[3];
  a.keys = k[1];
  a.values = v[3];
  a.scale = static_cast<float>(spec.params[0]);
  a.causal = integerParam(spec, 1, 0, 1) == 1;
  return a;
}

struct Shapes {
  Sizes q, k, v, y, rows, mask;
  explicit Shapes(const AttentionGeometry& a)
      : q{a.batch, a.queries, a.heads, a.depth},
        k{a.batch, a.keys, a.heads, a.depth},
        v{a.batch, a.keys, a.heads, a.values},
        y{a.batch, a.queries, a.heads, a.values},
        rows{a.batch, a.heads, a.queries},
        mask{a.batch, a.heads, a.queries, a.keys} {}
};

const uint8_t* maskAt(const std::vector<Operand>& inputs, size_t place, const Frame& frame) {
  return inputs.size() > place ? reinterpret_cast<const uint8_t*>(placeOf(inputs[place].view, frame)) : nullptr;
}

int64_t costOf(const AttentionGeometry& a) {
  return a.batch * a.heads * a.queries * a.keys * ((a.depth + a.values) / 8 + 8);
}

/** Runs over heads with a room for each thread. */
template <class F>
KernelPointer makeHeads(const AttentionGeometry& a, int64_t floats, Compiler& compiler, F call) {
  const int threads = threadsFor(costOf(a), compiler.threads());
  const int64_t bytes = (floats * static_cast<int64_t>(sizeof(float)) + 63) / 64 * 64;
  const int room = compiler.privateSlot(bytes * threads);
  return kernelOf(costOf(a), [=](Frame& frame) {
    parallel(std::min(threads, frame.threads), a.batch * a.heads, [&](int thread, int64_t from, int64_t to) {
      call(frame, reinterpret_cast<float*>(frame.slots[room] + thread * bytes), from, to);
    });
  });
}

}  // namespace

KernelPointer makeAttention(const CompositeSpec& spec, Compiler& compiler) {
  const AttentionGeometry a = geometryOf(spec);
  const Shapes s(a);
  if (spec.inputs.size() == 3) demandOperands(spec.inputs, {{s.q}, {s.k}, {s.v}});
  else demandOperands(spec.inputs, {{s.q}, {s.k}, {s.v}, {s.mask, DType::Bool}});
  demandOperands(spec.outputs, {{s.y}, {s.rows}, {s.rows}});
  const AttentionRoutines& attention = fused().attention;
  const auto call = [a, in = spec.inputs, out = spec.outputs, &attention](Frame& frame, float* room, int64_t from,
                                                                          int64_t to) {
    attention.forward({a, floatsAt(in[0], frame), floatsAt(in[1], frame), floatsAt(in[2], frame), maskAt(in, 3, frame),
                       floatsAt(out[0], frame), floatsAt(out[1], frame), floatsAt(out[2], frame)},
                      room, from, to);
  };
  return makeHeads(a, attention.forwardRoom(a), compiler, call);
}

KernelPointer makeAttentionGradient(const CompositeSpec& spec, Compiler& compiler) {
  const AttentionGeometry a = geometryOf(spec);
  const Shapes s(a);
  if (spec.inputs.size() == 7) {
    demandOperands(spec.inputs, {{s.q}, {s.k}, {s.v}, {s.y}, {s.rows}, {s.rows}, {s.y}});
  } else {
    demandOperands(spec.inputs, {{s.q}, {s.k}, {s.v}, {s.y}, {s.rows}, {s.rows}, {s.y}, {s.mask, DType::Bool}});
  }
  demandOperands(spec.outputs, {{s.q}, {s.k}, {s.v}});
  const AttentionRoutines& attention = fused().attention;
  const auto call = [a, in = spec.inputs, out = spec.outputs, &attention](Frame& frame, float* room, int64_t from,
                                                                          int64_t to) {
    attention.backward({a, floatsAt(in[0], frame), floatsAt(in[1], frame), floatsAt(in[2], frame),
                        floatsAt(in[3], frame), floatsAt(in[4], frame), floatsAt(in[5], frame), floatsAt(in[6], frame),
                        maskAt(in, 7, frame), floatsAt(out[0], frame), floatsAt(out[1], frame),
                        floatsAt(out[2], frame)},
                       room, from, to);
  };
  return makeHeads(a, attention.backwardRoom(a), compiler, call);
}

}  // namespace antler
