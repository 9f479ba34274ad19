// Idioms: a few opcodes that come together so often that one routine does them in one pass over a tile.
#pragma once

namespace antler {

/** What an idiom computes: an operator, then its operands; letters are values, R is a square root. Float32. */
constexpr const char* idioms[] = {
    // Moments of Adam and moving averages.
    "+a*-bac",
    "+a*-*bbac",
    // Adam's step, without its factor.
    "-a/b+Rcd",
};
constexpr int idiomCount = sizeof(idioms) / sizeof(idioms[0]);

}  // namespace antler
