#include "idioms.h"

#include <algorithm>

#include "isa/idioms.h"

namespace antler {
namespace {

Op opOf(char sign) {
  switch (sign) {
    case '+': return Op::Add;
    case '-': return Op::Sub;
    case '*': return Op::Mul;
    case '/': return Op::Div;
    default: return Op::Sqrt;
  }
}

bool isOperand(char sign) { return sign >= 'a' && sign <= 'd'; }

class Matcher {
 public:
  Matcher(const std::vector<Instruction>& list, int first, const std::vector<int>& uses)
      : list_(list), first_(first), uses_(uses) {}

  /** Reads a pattern for a value, from `at` on; what it binds counts only if all of it is found. */
  bool match(const char*& at, int value, bool isRoot, IdiomMatch& found) const {
    const char sign = *at++;
    if (isOperand(sign)) {
      int& bound = found.args[sign - 'a'];
      if (bound < 0) bound = value;
      return bound == value;
    }
    const int place = value - first_;
    if (place < 0) return false;
    const Instruction& step = list_[static_cast<size_t>(place)];
    if (step.step != Step::Operate || step.op != opOf(sign) || step.dtype != DType::Float32) return false;
    if (!isRoot && uses_[static_cast<size_t>(value)] != 1) return false;
    if (!isRoot) found.inside.push_back(static_cast<size_t>(place));
    if (step.op == Op::Sqrt) return match(at, step.args[0], false, found);
    const bool commutes = step.op == Op::Add || step.op == Op::Mul;
    for (const int order : {0, 1}) {
      if (order == 1 && !commutes) return false;
      const char* next = at;
      IdiomMatch trial = found;
      if (!match(next, step.args[order], false, trial) || !match(next, step.args[1 - order], false, trial)) continue;
      found = std::move(trial);
      at = next;
      return true;
    }
    return false;
  }

 private:
  const std::vector<Instruction>& list_;
  int first_;
  const std::vector<int>& uses_;
};

}  // namespace

std::vector<IdiomMatch> findIdioms(const std::vector<Instruction>& list, int first, const std::vector<int>& uses) {
  const Matcher matcher(list, first, uses);
  std::vector<IdiomMatch> matches;
  const auto isTaken = [&](size_t place) {
    return std::any_of(matches.begin(), matches.end(), [&](const IdiomMatch& match) {
      return std::count(match.inside.begin(), match.inside.end(), place) > 0;
    });
  };
  for (size_t root = list.size(); root-- > 0;) {
    if (isTaken(root)) continue;
    for (int number = 0; number < idiomCount; number++) {
      IdiomMatch found;
      found.root = root;
      std::fill(found.args, found.args + 4, -1);
      const char* at = idioms[number];
      if (!matcher.match(at, first + static_cast<int>(root), true, found)) continue;
      for (int& arg : found.args) if (arg < 0) arg = found.args[0];
      found.routine = routines().idiom(number);
      matches.push_back(found);
      break;
    }
  }
  return matches;
}

}  // namespace antler
