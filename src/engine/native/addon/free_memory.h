#pragma once

#include <node_api.h>

// For JavaScript: exports.cc.
napi_value ReturnFreedMemory(napi_env env, napi_callback_info info);
