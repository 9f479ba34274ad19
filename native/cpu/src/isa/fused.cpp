// One instruction set's inner loops of composites.
#include "fusedTables.h"
#include "tables.h"

namespace antler {
namespace ANTLER_ISA {

const FusedRoutines& findFused() {
  static FusedRoutines all;
  all = {poolRoutines,    recurrenceRoutines, attentionRoutines, rowRoutines,       channelRoutines,
         winogradRoutines, windowRoutines,     depthwiseRoutines, pooledConvRoutines};
  return all;
}

}  // namespace ANTLER_ISA
}  // namespace antler
