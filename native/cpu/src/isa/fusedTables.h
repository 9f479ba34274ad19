// The families of one instruction set's inner loops of composites.
#pragma once

#include "fused.h"

namespace antler {
namespace ANTLER_ISA {

extern const PoolRoutines poolRoutines;
extern const RecurrenceRoutines recurrenceRoutines;
extern const AttentionRoutines attentionRoutines;
extern const RowRoutines rowRoutines;
extern const ChannelRoutines channelRoutines;
extern const WinogradRoutines winogradRoutines;
extern const WindowRoutines windowRoutines;
extern const DepthwiseRoutines depthwiseRoutines;
extern const PooledConvRoutines pooledConvRoutines;

}  // namespace ANTLER_ISA
}  // namespace antler
