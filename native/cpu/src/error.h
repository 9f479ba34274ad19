// Errors inside of the addon. None of them crosses N-API: addon.cpp turns them into JavaScript's.
#pragma once

#include <stdexcept>
#include <string>

namespace antler {

/** A program, or an argument, that is not what the contract says. */
struct InvalidProgram : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/** Memory that is not there. */
struct OutOfMemory : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace antler
