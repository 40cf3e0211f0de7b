// Keeps signals away from the threads that compute.
//
// oneDNN's kernels for products of matrices use the stack pointer as a pointer into the heap. A signal handler that interrupts one writes its
// frame there, and the process dies some time later: after a hundred signals, when it trains an MLP. So the thread that loads the addon, and
// with it all threads that TensorFlow makes later, blocks signals; one thread that does nothing else receives them. Node's own handlers only
// write to a pipe, so it does not matter where they run.
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cstddef>
#include <initializer_list>
#include <thread>

namespace {

// What a profiler sends to the thread it profiles can't be received elsewhere; V8's handler takes another stack where there is one.
constexpr std::size_t kStackBytes = 256 * 1024;
alignas(64) char stack[kStackBytes];

bool KeepSignalsAway() {
  sigset_t computing;
  sigfillset(&computing);
  // Those that a thread causes itself, and the profiler's.
  for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF}) sigdelset(&computing, signal);

  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &computing, &before);
  std::thread([before] {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    for (;;) pause();
  }).detach();

  stack_t alternative = {};
  if (sigaltstack(nullptr, &alternative) == 0 && (alternative.ss_flags & SS_DISABLE) != 0) {
    alternative.ss_sp = stack;
    alternative.ss_size = kStackBytes;
    alternative.ss_flags = 0;
    sigaltstack(&alternative, nullptr);
  }
  return true;
}

const bool kept = KeepSignalsAway();

}  // namespace
