// What JavaScript finds in the addon beside the package's own functions. The call by which the package lists those is compiled as one of ours (-D…,
// see src/engine/native/install/compile.ts), which adds these.
#include <node_api.h>

#include <cstddef>

#include "free_memory.h"
#include "preload.h"

#undef napi_define_properties
extern "C" napi_status napi_define_properties(napi_env env, napi_value object, size_t count, const napi_property_descriptor* properties);

// The package's functions come in one list, its constants one by one.
extern "C" napi_status OnecycleDefineProperties(napi_env env, napi_value exports, size_t count, const napi_property_descriptor* properties) {
  const napi_status status = napi_define_properties(env, exports, count, properties);
  if (status != napi_ok || count == 1) return status;
  napi_add_env_cleanup_hook(env, DropPreloaded, nullptr);
  const napi_property_descriptor own[] = {
      {"preloadSavedModel", nullptr, PreloadSavedModel, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"dropPreloadedModel", nullptr, DropPreloadedModel, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"returnFreedMemory", nullptr, ReturnFreedMemory, nullptr, nullptr, nullptr, napi_default, nullptr},
  };
  return napi_define_properties(env, exports, sizeof own / sizeof *own, own);
}
