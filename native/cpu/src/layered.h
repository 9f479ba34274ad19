// Epilogues as layers have them.
#pragma once

#include "program.h"

namespace antler {

/** An epilogue that adds a bias, perhaps, and takes the larger of that and 0, perhaps. */
struct Layered {
  bool found = false;
  bool relu = false;
  const View* bias = nullptr;
};

Layered layeredOf(const ConvSpec& spec);

}  // namespace antler
