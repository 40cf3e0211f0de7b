// TensorFlow's C API has no threads for kernels. On Linux its library exports the one function that gives the pool of an op's device, so the two types
// that it takes and returns are declared here, as far as they are used. Where the function is missing, loops run on the caller's thread.
#include "thread_pool.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>

namespace Eigen {

// As Eigen declares it: virtual functions are found by their order.
class ThreadPoolInterface {
 public:
  virtual void Schedule(std::function<void()> fn) = 0;
  virtual void ScheduleWithHint(std::function<void()> fn, int start, int end) = 0;
  virtual void Cancel() = 0;
  virtual int NumThreads() const = 0;
  virtual int CurrentThreadId() const = 0;
  virtual ~ThreadPoolInterface() {}
};

// Its first members.
struct ThreadPoolDevice {
  ThreadPoolInterface* pool;
  int num_threads;
};

}  // namespace Eigen

namespace tensorflow {

class OpKernelContext {
 public:
  template <typename Device>
  const Device& eigen_device() const;
};

#if defined(__linux__)
template <>
__attribute__((weak)) const Eigen::ThreadPoolDevice& OpKernelContext::eigen_device() const;
#endif

}  // namespace tensorflow

namespace onecycle {
namespace {

// How often to look whether the others are done before sleeping until they are: some microseconds.
constexpr int kSpins = 1000;

inline void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// Threads that come when all indices are taken find nothing to do, and may do so after the loop has ended.
struct Loop {
  std::atomic<int64_t> next{0};
  int64_t count;
  const std::function<void(int64_t)>* body;
  std::mutex mutex;
  std::condition_variable all_done;
  std::atomic<int64_t> done{0};

  void Work() {
    int64_t finished = 0;
    for (int64_t i; (i = next.fetch_add(1)) < count; finished++) (*body)(i);
    if (finished == 0) return;
    std::lock_guard<std::mutex> lock(mutex);
    if (done.fetch_add(finished, std::memory_order_acq_rel) + finished == count) all_done.notify_one();
  }
};

const Eigen::ThreadPoolDevice* Device(TF_OpKernelContext* context) {
#if defined(__linux__)
  // A member function's address, to see whether it is there at all.
  const Eigen::ThreadPoolDevice& (tensorflow::OpKernelContext::*get)() const = &tensorflow::OpKernelContext::eigen_device<Eigen::ThreadPoolDevice>;
  if (get != nullptr) return &(reinterpret_cast<tensorflow::OpKernelContext*>(context)->*get)();
#endif
  return nullptr;
}

}  // namespace

void ParallelFor(TF_OpKernelContext* context, int64_t count, const std::function<void(int64_t)>& body) {
  const Eigen::ThreadPoolDevice* device = count > 1 ? Device(context) : nullptr;
  const int64_t helpers = device == nullptr ? 0 : std::min<int64_t>(device->num_threads, count) - 1;
  if (helpers <= 0) {
    for (int64_t i = 0; i < count; i++) body(i);
    return;
  }
  auto loop = std::make_shared<Loop>();
  loop->count = count;
  loop->body = &body;
  for (int64_t i = 0; i < helpers; i++) device->pool->Schedule([loop] { loop->Work(); });
  loop->Work();
  // The others have one index each left at most, which takes less time than to fall asleep and be woken.
  for (int i = 0; i < kSpins && loop->done.load(std::memory_order_acquire) != count; i++) Pause();
  std::unique_lock<std::mutex> lock(loop->mutex);
  loop->all_done.wait(lock, [&] { return loop->done == count; });
}

}  // namespace onecycle
