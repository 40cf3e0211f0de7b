// A loop on the threads that TensorFlow gives the kernels of a session.
#pragma once
#include <cstdint>
#include <functional>

#include "tensorflow/c/kernels.h"

namespace onecycle {

// Calls `body` for the indices from 0 to `count`, each once, on the caller's thread and on those of TensorFlow's pool that are free meanwhile. Which
// thread has which index varies; what an index gives must not depend on it.
void ParallelFor(TF_OpKernelContext* context, int64_t count, const std::function<void(int64_t)>& body);

}  // namespace onecycle
