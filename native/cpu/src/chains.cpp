#include "chains.h"

#include <algorithm>

namespace antler {
namespace {

/** What an opcode is to a chain that comes from its first argument, or from its second one. */
struct Row {
  Op op;
  int arity;
  ChainOp first, second;
};

constexpr Row table[] = {
    {Op::Add, 2, ChainOp::Add, ChainOp::Add},     {Op::Sub, 2, ChainOp::Sub, ChainOp::SubFrom},
    {Op::Mul, 2, ChainOp::Mul, ChainOp::Mul},     {Op::Div, 2, ChainOp::Div, ChainOp::DivInto},
    {Op::Max, 2, ChainOp::Max, ChainOp::Max},     {Op::Min, 2, ChainOp::Min, ChainOp::Min},
    {Op::Neg, 1, ChainOp::Neg, ChainOp::Neg},     {Op::Abs, 1, ChainOp::Abs, ChainOp::Abs},
    {Op::Sqrt, 1, ChainOp::Sqrt, ChainOp::Sqrt},
};

const Row* rowOf(const ChainCandidate& candidate) {
  const auto* end = table + sizeof(table) / sizeof(table[0]);
  const auto* row = std::find_if(table, end, [&](const Row& r) { return r.op == candidate.op; });
  return candidate.fits && row != end ? row : nullptr;
}

class Finder {
 public:
  Finder(const std::vector<ChainCandidate>& list, const std::vector<int>& uses)
      : list_(list), uses_(uses), makers_(uses.size(), -1), lengths_(list.size(), 0) {
    for (size_t i = 0; i < list.size(); i++) {
      makers_[static_cast<size_t>(list[i].out)] = static_cast<int>(i);
      const Row* row = rowOf(list[i]);
      if (row == nullptr) continue;
      lengths_[i] = 1 + std::max(lengthBefore(i, 0), row->arity == 2 ? lengthBefore(i, 1) : 0);
    }
  }

  Chain from(size_t root) const {
    Chain chain;
    chain.root = root;
    size_t at = root;
    while (true) {
      const ChainCandidate& candidate = list_[at];
      const Row& row = *rowOf(candidate);
      const int side = row.arity == 2 && lengthBefore(at, 1) > lengthBefore(at, 0) ? 1 : 0;
      const int before = candidate.args[side];
      const bool goesOn = lengthBefore(at, side) > 0 && chain.links.size() + 1 < mostLinks;
      const bool square = goesOn && row.arity == 2 && candidate.args[0] == candidate.args[1];
      chain.links.push_back(square ? ChainOp::Square : side == 0 ? row.first : row.second);
      // The other argument; where there is none, what the chain has anyway.
      chain.args.push_back(row.arity == 2 && !square ? candidate.args[1 - side] : -1);
      if (!goesOn) {
        chain.args.push_back(before);
        break;
      }
      at = static_cast<size_t>(makers_[static_cast<size_t>(before)]);
      chain.inside.push_back(at);
    }
    std::reverse(chain.links.begin(), chain.links.end());
    std::reverse(chain.args.begin(), chain.args.end());
    for (int& arg : chain.args) if (arg < 0) arg = chain.args[0];
    return chain;
  }

  bool isRoot(size_t at) const { return rowOf(list_[at]) != nullptr; }

 private:
  /** How long a chain can be that ends in an argument of a candidate; 0 when somebody else wants that. */
  int lengthBefore(size_t at, int side) const {
    const ChainCandidate& candidate = list_[at];
    const auto value = static_cast<size_t>(candidate.args[side]);
    const Row* row = rowOf(candidate);
    const int wanted = row->arity == 2 && candidate.args[0] == candidate.args[1] ? 2 : 1;
    if (makers_[value] < 0 || uses_[value] != wanted) return 0;
    // A product by itself is a square; a sum or the like with itself has no link.
    if (wanted == 2 && candidate.op != Op::Mul) return 0;
    return lengths_[static_cast<size_t>(makers_[value])];
  }

  const std::vector<ChainCandidate>& list_;
  const std::vector<int>& uses_;
  std::vector<int> makers_;
  std::vector<int> lengths_;
};

}  // namespace

std::vector<Chain> findChains(const std::vector<ChainCandidate>& list, const std::vector<int>& uses) {
  const Finder finder(list, uses);
  std::vector<Chain> chains;
  std::vector<bool> taken(list.size(), false);
  for (size_t root = list.size(); root-- > 0;) {
    if (taken[root] || !finder.isRoot(root)) continue;
    chains.push_back(finder.from(root));
    for (const size_t place : chains.back().inside) taken[place] = true;
  }
  return chains;
}

}  // namespace antler
