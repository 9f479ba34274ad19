// The scalar opcodes of packages/core/src/graph/opcodes.ts. Written by tools/opcodes; do not edit.
#pragma once

namespace antler {

enum class Op {
  Neg,
  Abs,
  Sign,
  Floor,
  Ceil,
  Round,
  Exp,
  Expm1,
  Log,
  Log1p,
  Sqrt,
  Sin,
  Cos,
  Tanh,
  Logistic,
  Erf,
  Cast,
  Bitcast,
  Add,
  Sub,
  Mul,
  Div,
  Rem,
  Pow,
  Max,
  Min,
  Atan2,
  And,
  Or,
  Xor,
  Shl,
  Shr,
  Eq,
  Ne,
  Lt,
  Le,
  Select,
  Random,
};

/** What dtype a result has next to its arguments'. */
enum class OpResult { Same, Bool, Given };

struct OpRow {
  const char* name;
  int arity;
  OpResult result;
};

constexpr int opCount = 38;

constexpr OpRow opRows[opCount] = {
    {"neg", 1, OpResult::Same},
    {"abs", 1, OpResult::Same},
    {"sign", 1, OpResult::Same},
    {"floor", 1, OpResult::Same},
    {"ceil", 1, OpResult::Same},
    {"round", 1, OpResult::Same},
    {"exp", 1, OpResult::Same},
    {"expm1", 1, OpResult::Same},
    {"log", 1, OpResult::Same},
    {"log1p", 1, OpResult::Same},
    {"sqrt", 1, OpResult::Same},
    {"sin", 1, OpResult::Same},
    {"cos", 1, OpResult::Same},
    {"tanh", 1, OpResult::Same},
    {"logistic", 1, OpResult::Same},
    {"erf", 1, OpResult::Same},
    {"cast", 1, OpResult::Given},
    {"bitcast", 1, OpResult::Given},
    {"add", 2, OpResult::Same},
    {"sub", 2, OpResult::Same},
    {"mul", 2, OpResult::Same},
    {"div", 2, OpResult::Same},
    {"rem", 2, OpResult::Same},
    {"pow", 2, OpResult::Same},
    {"max", 2, OpResult::Same},
    {"min", 2, OpResult::Same},
    {"atan2", 2, OpResult::Same},
    {"and", 2, OpResult::Same},
    {"or", 2, OpResult::Same},
    {"xor", 2, OpResult::Same},
    {"shl", 2, OpResult::Same},
    {"shr", 2, OpResult::Same},
    {"eq", 2, OpResult::Bool},
    {"ne", 2, OpResult::Bool},
    {"lt", 2, OpResult::Bool},
    {"le", 2, OpResult::Bool},
    {"select", 3, OpResult::Same},
    {"random", 4, OpResult::Same},
};

}  // namespace antler
