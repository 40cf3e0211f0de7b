// Gives the system memory back that nothing uses any more. After a large model the C library keeps hundreds of megabytes: whatever lies below
// something that is still in use. Where it is not glibc, it has no call for that.
#include "free_memory.h"

#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#endif

napi_value ReturnFreedMemory(napi_env, napi_callback_info) {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  return nullptr;
}
