#include "onednn.h"

#include <algorithm>

#ifdef ANTLER_ONEDNN
#include <cstdlib>
#include <cstring>
#include <dnnl.hpp>
#include <mutex>
#include <set>
#include <unordered_map>
#endif

namespace antler {

#ifndef ANTLER_ONEDNN

std::string onednnVersion() { return ""; }
std::vector<std::string> onednnPrimitives() { return {}; }
void onednnMultiply(int64_t, int64_t, int64_t, const float*, DenseMatrix, const float*, DenseMatrix, float*, int64_t) {}
std::unique_ptr<OnednnMatmul> OnednnMatmul::make(int64_t, int64_t, int64_t, DenseMatrix, DenseMatrix, int64_t, bool) {
  return nullptr;
}
bool OnednnConv::supports(const ConvSpec&) { return false; }
std::unique_ptr<OnednnConv> OnednnConv::make(const ConvSpec&) { return nullptr; }

#else

using dnnl::algorithm;
using dnnl::convolution_backward_data;
using dnnl::convolution_backward_weights;
using dnnl::convolution_forward;
using dnnl::memory;
using dnnl::prop_kind;

namespace {

dnnl::engine& engine() {
  static dnnl::engine& one = *new dnnl::engine(dnnl::engine::kind::cpu, 0);
  return one;
}

dnnl::stream& stream() {
  static dnnl::stream& one = *new dnnl::stream(engine());
  return one;
}

struct Offers {
  std::mutex mutex;
  std::set<std::string> names;
};
Offers& offers() {
  static Offers& all = *new Offers();
  return all;
}

/** The name of an implementation, which is noted. */
template <class Description>
const char* note(const char* kind, const Description& description) {
  const char* name = description.impl_info_str();
  const std::lock_guard<std::mutex> lock(offers().mutex);
  offers().names.insert(std::string(kind) + " " + name);
  return name;
}

/** Its reference code is slower than the addon's own. */
template <class Description>
bool isReference(const char* kind, const Description& description) {
  return std::strncmp(note(kind, description), "ref", 3) == 0;
}

memory::desc plain(const memory::dims& dims, const memory::dims& strides) {
  return memory::desc(dims, memory::data_type::f32, strides);
}

memory::desc asItLikes(const memory::dims& dims) {
  return memory::desc(dims, memory::data_type::f32, memory::format_tag::any);
}

void* mutableOf(const float* data) { return const_cast<float*>(data); }

/** The same numbers in another layout. */
std::unique_ptr<Block> reordered(const memory::desc& from, const float* data, const memory::desc& to) {
  auto block = std::make_unique<Block>(to.get_size());
  memory source(from, engine(), mutableOf(data));
  memory target(to, engine(), block->data());
  const dnnl::reorder::primitive_desc description(source, target);
  note("reorder", description);
  dnnl::reorder(description).execute(stream(), source, target);
  return block;
}

}  // namespace

std::string onednnVersion() {
  static const bool isUnwanted = std::getenv("ANTLER_WITHOUT_ONEDNN") != nullptr;
  if (isUnwanted) return "";
  const dnnl_version_t* version = dnnl_version();
  return std::to_string(version->major) + "." + std::to_string(version->minor) + "." + std::to_string(version->patch);
}

std::vector<std::string> onednnPrimitives() {
  const std::lock_guard<std::mutex> lock(offers().mutex);
  return {offers().names.begin(), offers().names.end()};
}

void onednnMultiply(int64_t m, int64_t n, int64_t k, const float* a, DenseMatrix layoutA, const float* b,
                    DenseMatrix layoutB, float* c, int64_t strideC) {
  dnnl_sgemm(layoutA.transposed ? 'T' : 'N', layoutB.transposed ? 'T' : 'N', m, n, k, 1.0f, a, layoutA.stride, b,
             layoutB.stride, 0.0f, c, strideC);
}

namespace {

class Matmul final : public OnednnMatmul {
 public:
  Matmul(const dnnl::matmul::primitive_desc& description, const memory::desc& plainB)
      : primitive_(description),
        plainB_(plainB),
        a_(description.src_desc(), engine(), nullptr),
        b_(description.weights_desc(), engine(), nullptr),
        c_(description.dst_desc(), engine(), nullptr),
        arguments_{{DNNL_ARG_SRC, a_}, {DNNL_ARG_WEIGHTS, b_}, {DNNL_ARG_DST, c_}} {}

  void run(const float* a, const float* b, float* c) override {
    a_.set_data_handle(mutableOf(a));
    b_.set_data_handle(mutableOf(b));
    c_.set_data_handle(c);
    primitive_.execute(stream(), arguments_);
  }

  std::unique_ptr<Block> pack(const float* b) override { return reordered(plainB_, b, b_.get_desc()); }

 private:
  dnnl::matmul primitive_;
  memory::desc plainB_;
  memory a_, b_, c_;
  std::unordered_map<int, memory> arguments_;
};

}  // namespace

std::unique_ptr<OnednnMatmul> OnednnMatmul::make(int64_t m, int64_t n, int64_t k, DenseMatrix a, DenseMatrix b,
                                                 int64_t strideC, bool packed) {
  const auto layout = [](int64_t rows, int64_t columns, DenseMatrix matrix) {
    return plain({rows, columns}, matrix.transposed ? memory::dims{1, matrix.stride} : memory::dims{matrix.stride, 1});
  };
  const memory::desc left = layout(m, k, a);
  const memory::desc plainB = layout(k, n, b);
  const memory::desc result = plain({m, n}, {strideC, 1});
  const auto describe = [&](const memory::desc& right) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl::matmul::primitive_desc(engine(), left, right, result);
#else
    return dnnl::matmul::primitive_desc(dnnl::matmul::desc(left, right, result), engine());
#endif
  };
  try {
    const dnnl::matmul::primitive_desc description = describe(packed ? asItLikes({k, n}) : plainB);
    if (isReference("matmul", description)) return nullptr;
    if (packed) {
      // Results must not depend on whether b has been packed yet: the same code adds up in the same order.
      const dnnl::matmul::primitive_desc other = describe(plainB);
      if (description.weights_desc() == plainB) return nullptr;
      if (std::strcmp(description.impl_info_str(), other.impl_info_str()) != 0) return nullptr;
    }
    return std::make_unique<Matmul>(description, plainB);
  } catch (const dnnl::error&) {
    return nullptr;
  }
}

namespace {

/** What oneDNN wants to know of a geometry. */
struct Geometry {
  memory::dims input, kernel, output;
  memory::dims inputStrides, kernelStrides, outputStrides;
  memory::dims strides, dilation, low, high;

  explicit Geometry(const ConvSpec& spec) {
    const size_t rank = spec.strides.size();
    const auto channelsSecond = [&](const Sizes& sizes) {
      memory::dims dims{sizes[0], sizes[rank + 1]};
      dims.insert(dims.end(), sizes.begin() + 1, sizes.end() - 1);
      return dims;
    };
    const auto strided = [&](const Sizes& sizes) {
      Sizes dense(sizes.size());
      int64_t stride = 1;
      for (size_t axis = sizes.size(); axis-- > 0; stride *= sizes[axis]) dense[axis] = stride;
      return dense;
    };
    input = channelsSecond(spec.input);
    inputStrides = channelsSecond(strided(spec.input));
    output = channelsSecond(spec.output);
    outputStrides = channelsSecond(strided(spec.output));
    const int64_t channels = spec.kernel[rank];
    const int64_t filters = spec.kernel[rank + 1] / spec.groups;
    const Sizes dense = strided(spec.kernel);
    if (spec.groups > 1) {
      kernel = {spec.groups};
      kernelStrides = {filters};
    }
    kernel.insert(kernel.end(), {filters, channels});
    kernel.insert(kernel.end(), spec.kernel.begin(), spec.kernel.end() - 2);
    kernelStrides.insert(kernelStrides.end(), {dense[rank + 1], dense[rank]});
    kernelStrides.insert(kernelStrides.end(), dense.begin(), dense.end() - 2);
    strides = memory::dims(spec.strides.begin(), spec.strides.end());
    for (const int64_t d : spec.dilation) dilation.push_back(d - 1);
    low = memory::dims(spec.low.begin(), spec.low.end());
    high = memory::dims(spec.high.begin(), spec.high.end());
  }

  memory::desc inputLayout() const { return plain(input, inputStrides); }
  memory::desc outputLayout() const { return plain(output, outputStrides); }
  memory::desc kernelLayout() const { return plain(kernel, kernelStrides); }
};

convolution_forward::primitive_desc forward(const Geometry& g) {
#if DNNL_VERSION_MAJOR >= 3
  return convolution_forward::primitive_desc(engine(), prop_kind::forward_training, algorithm::convolution_direct,
                                             g.inputLayout(), asItLikes(g.kernel), g.outputLayout(), g.strides,
                                             g.dilation, g.low, g.high);
#else
  return convolution_forward::primitive_desc(
      convolution_forward::desc(prop_kind::forward_training, algorithm::convolution_direct, g.inputLayout(),
                                asItLikes(g.kernel), g.outputLayout(), g.strides, g.dilation, g.low, g.high),
      engine());
#endif
}

convolution_backward_data::primitive_desc backwardData(const Geometry& g) {
#if DNNL_VERSION_MAJOR >= 3
  return convolution_backward_data::primitive_desc(engine(), algorithm::convolution_direct, g.inputLayout(),
                                                   asItLikes(g.kernel), g.outputLayout(), g.strides, g.dilation, g.low,
                                                   g.high, forward(g));
#else
  return convolution_backward_data::primitive_desc(
      convolution_backward_data::desc(algorithm::convolution_direct, g.inputLayout(), asItLikes(g.kernel),
                                      g.outputLayout(), g.strides, g.dilation, g.low, g.high),
      engine(), forward(g));
#endif
}

convolution_backward_weights::primitive_desc backwardWeights(const Geometry& g) {
#if DNNL_VERSION_MAJOR >= 3
  return convolution_backward_weights::primitive_desc(engine(), algorithm::convolution_direct, g.inputLayout(),
                                                      asItLikes(g.kernel), g.outputLayout(), g.strides, g.dilation,
                                                      g.low, g.high, forward(g));
#else
  return convolution_backward_weights::primitive_desc(
      convolution_backward_weights::desc(algorithm::convolution_direct, g.inputLayout(), asItLikes(g.kernel),
                                         g.outputLayout(), g.strides, g.dilation, g.low, g.high),
      engine(), forward(g));
#endif
}

/** A primitive with its memory objects, of which a run changes the addresses alone; the kernel is packed on the way. */
class Conv final : public OnednnConv {
 public:
  template <class Primitive, class Description>
  static std::unique_ptr<OnednnConv> make(ConvMap map, const Description& description, const memory::desc& kernel,
                                          const memory::desc& packed, const memory::desc& input,
                                          const memory::desc& output) {
    static constexpr const char* kinds[] = {"convolution", "convolution's input", "convolution's kernel"};
    if (isReference(kinds[static_cast<int>(map)], description)) return nullptr;
    return std::unique_ptr<OnednnConv>(new Conv(map, Primitive(description), kernel, packed, input, output));
  }

  void run(const float* a, const float* b, const float* packed, float* result) override {
    const float* arrays[3];  // of the input, the kernel and the output
    const int of[3][3] = {{0, 1, 2}, {2, 1, 0}, {0, 2, 1}};
    const int* role = of[static_cast<int>(map_)];
    arrays[role[0]] = a;
    arrays[role[1]] = b;
    arrays[role[2]] = result;
    input_.set_data_handle(mutableOf(arrays[0]));
    kernel_.set_data_handle(mutableOf(arrays[1]));
    output_.set_data_handle(mutableOf(arrays[2]));
    if (packed != nullptr) {
      packed_.set_data_handle(mutableOf(packed));
    } else if (packs_) {
      if (room_ == nullptr) room_ = std::make_unique<Block>(packed_.get_desc().get_size());
      packed_.set_data_handle(room_->data());
      if (map_ != ConvMap::Kernel) packing_.execute(stream(), packArguments_);
    } else {
      packed_.set_data_handle(mutableOf(arrays[1]));
    }
    primitive_.execute(stream(), arguments_);
    if (packs_ && map_ == ConvMap::Kernel) packing_.execute(stream(), packArguments_);
  }

  std::unique_ptr<Block> pack(const float* b) override {
    return packs_ && map_ != ConvMap::Kernel ? reordered(kernel_.get_desc(), b, packed_.get_desc()) : nullptr;
  }

 private:
  Conv(ConvMap map, dnnl::primitive primitive, const memory::desc& kernel, const memory::desc& packed,
       const memory::desc& input, const memory::desc& output)
      : map_(map),
        packs_(kernel != packed),
        primitive_(std::move(primitive)),
        input_(input, engine(), nullptr),
        kernel_(kernel, engine(), nullptr),
        output_(output, engine(), nullptr) {
    packed_ = memory(packed, engine(), nullptr);
    switch (map) {
      case ConvMap::Output:
        arguments_ = {{DNNL_ARG_SRC, input_}, {DNNL_ARG_WEIGHTS, packed_}, {DNNL_ARG_DST, output_}};
        break;
      case ConvMap::Input:
        arguments_ = {{DNNL_ARG_DIFF_SRC, input_}, {DNNL_ARG_WEIGHTS, packed_}, {DNNL_ARG_DIFF_DST, output_}};
        break;
      case ConvMap::Kernel:
        arguments_ = {{DNNL_ARG_SRC, input_}, {DNNL_ARG_DIFF_WEIGHTS, packed_}, {DNNL_ARG_DIFF_DST, output_}};
        break;
    }
    const memory& from = map == ConvMap::Kernel ? packed_ : kernel_;
    const memory& to = map == ConvMap::Kernel ? kernel_ : packed_;
    if (packs_) {
      const dnnl::reorder::primitive_desc description(from, to);
      note("reorder", description);
      packing_ = dnnl::reorder(description);
      packArguments_ = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    }
  }

  ConvMap map_;
  bool packs_;
  dnnl::primitive primitive_;
  dnnl::reorder packing_;
  memory input_, kernel_, output_, packed_;
  /** For what is packed in each run. */
  std::unique_ptr<Block> room_;
  std::unordered_map<int, memory> arguments_;
  std::unordered_map<int, memory> packArguments_;
};

}  // namespace

bool OnednnConv::supports(const ConvSpec& spec) {
  const size_t rank = spec.strides.size();
  const auto positive = [](const Sizes& sizes) {
    return std::all_of(sizes.begin(), sizes.end(), [](int64_t n) { return n > 0; });
  };
  const auto notNegative = [](const Sizes& sizes) {
    return std::all_of(sizes.begin(), sizes.end(), [](int64_t n) { return n >= 0; });
  };
  if (onednnVersion().empty()) return false;
  return spec.dtype == DType::Float32 && rank >= 1 && rank <= 3 && positive(spec.input) && positive(spec.kernel) &&
         positive(spec.output) && notNegative(spec.low) && notNegative(spec.high);
}

std::unique_ptr<OnednnConv> OnednnConv::make(const ConvSpec& spec) {
  const Geometry g(spec);
  const memory::desc kernel = g.kernelLayout();
  try {
    if (spec.map == ConvMap::Output) {
      const auto pd = forward(g);
      return Conv::make<convolution_forward>(spec.map, pd, kernel, pd.weights_desc(), pd.src_desc(), pd.dst_desc());
    }
    if (spec.map == ConvMap::Input) {
      const auto pd = backwardData(g);
      return Conv::make<convolution_backward_data>(spec.map, pd, kernel, pd.weights_desc(), pd.diff_src_desc(),
                                                   pd.diff_dst_desc());
    }
    const auto pd = backwardWeights(g);
    return Conv::make<convolution_backward_weights>(spec.map, pd, kernel, pd.diff_weights_desc(), pd.src_desc(),
                                                    pd.diff_dst_desc());
  } catch (const dnnl::error&) {
    return nullptr;
  }
}

#endif

}  // namespace antler
