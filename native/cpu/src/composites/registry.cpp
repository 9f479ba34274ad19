// The table of composites, in the order of packages/backend-cpu-native/src/composites.ts.
#include <cstring>

#include "composites.h"

namespace antler {
namespace {

const CompositeRow rows[] = {
    {"attention", makeAttention},
    {"attentionGradient", makeAttentionGradient},
    {"averagePool", makeAveragePool},
    {"averagePoolGradient", makeAveragePoolGradient},
    {"batchNorm", makeBatchNorm},
    {"batchNormGradient", makeBatchNormGradient},
    {"gru", makeGru},
    {"gruGradient", makeGruGradient},
    {"layerNorm", makeLayerNorm},
    {"layerNormGradient", makeLayerNormGradient},
    {"logSoftmax", makeLogSoftmax},
    {"logSoftmaxGradient", makeLogSoftmaxGradient},
    {"lstm", makeLstm},
    {"lstmGradient", makeLstmGradient},
    {"maxPool", makeMaxPool},
    {"maxPoolGradient", makeMaxPoolGradient},
    {"softmax", makeSoftmax},
    {"softmaxCrossEntropy", makeSoftmaxCrossEntropy},
    {"softmaxCrossEntropyGradient", makeSoftmaxCrossEntropyGradient},
    {"softmaxGradient", makeSoftmaxGradient},
    {"sparseSoftmaxCrossEntropyGradient", makeSparseSoftmaxCrossEntropyGradient},
};

}  // namespace

int compositeNumber(const char* name) {
  for (int i = 0; i < compositeCount(); i++) {
    if (std::strcmp(rows[i].name, name) == 0) return i;
  }
  return -1;
}

int compositeCount() { return static_cast<int>(sizeof(rows) / sizeof(rows[0])); }

KernelPointer makeComposite(const CompositeSpec& spec, Compiler& compiler) {
  for (const std::vector<Operand>* operands : {&spec.inputs, &spec.outputs}) {
    for (const Operand& operand : *operands) demand(product(operand.shape) > 0, "operands of a composite with elements");
  }
  return rows[spec.name].make(spec, compiler);
}

}  // namespace antler
