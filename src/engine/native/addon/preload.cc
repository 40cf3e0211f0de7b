// Loads a graph on a thread of its own, before anybody asks for it.
//
// Loading a graph, and making ready to run it (TensorFlow's optimizer, placement, kernels), takes ResNet-18 longer than reading rows and drawing
// weights, and needs none of them. So a trainer that knows which graph it will need lets it be loaded meanwhile: `preloadSavedModel(folder, tags,
// functions)`, and then the package's `loadSavedModel` of the same folder waits for it; or else `dropPreloadedModel()`. There is one at a time.
//
// The package's addon makes a graph and has it filled by one call. Both are compiled as calls of ours (-D…, see
// src/engine/native/install/compile.ts), and so is the one that lists what the addon exports, which adds these two.
#include "preload.h"

#include <node_api.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "tensorflow/c/c_api.h"

#undef TF_NewGraph
extern "C" TF_Graph* TF_NewGraph();
#undef napi_define_properties
extern "C" napi_status napi_define_properties(napi_env env, napi_value object, size_t count, const napi_property_descriptor* properties);

namespace {

// Lines, each of names separated by commas.
std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find(separator, start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

// As the package's addon reads a name: the number after the colon says which output.
TF_Output OutputOf(TF_Graph* graph, const std::string& name) {
  const std::size_t colon = name.find(':');
  const int index = colon == std::string::npos ? 0 : std::atoi(name.c_str() + colon + 1);
  return {TF_GraphOperationByName(graph, name.substr(0, colon).c_str()), index};
}

// Has a session make ready to run a function, which it does at its first run and keeps by the names of what goes in and out. This run has empty
// tensors for input, and most variables have no values: what it says does not matter, and whoever uses the graph writes all variables first.
void MakeReady(TF_Session* session, TF_Graph* graph, const std::string& function) {
  const std::size_t arrow = function.find('>');
  std::vector<TF_Output> inputs, outputs;
  for (const std::string& name : Split(function.substr(0, arrow), ',')) inputs.push_back(OutputOf(graph, name));
  for (const std::string& name : Split(function.substr(arrow + 1), ',')) outputs.push_back(OutputOf(graph, name));
  const auto missing = [](const TF_Output& output) { return output.oper == nullptr; };
  if (std::any_of(inputs.begin(), inputs.end(), missing) || std::any_of(outputs.begin(), outputs.end(), missing)) return;

  std::vector<TF_Tensor*> values, results(outputs.size(), nullptr);
  const int64_t none[] = {0};
  for (const TF_Output& input : inputs) values.push_back(TF_AllocateTensor(TF_OperationOutputType(input), none, 1, 0));
  TF_Status* status = TF_NewStatus();
  TF_SessionRun(session, nullptr, inputs.data(), values.data(), inputs.size(), outputs.data(), results.data(), outputs.size(), nullptr, 0, nullptr,
                status);
  TF_DeleteStatus(status);
  for (TF_Tensor* value : values) TF_DeleteTensor(value);
  for (TF_Tensor* result : results)
    if (result != nullptr) TF_DeleteTensor(result);
}

struct Preload {
  std::string folder, tags, functions;
  TF_Graph* graph = TF_NewGraph();
  TF_Status* status = TF_NewStatus();
  TF_Session* session = nullptr;
  std::thread thread;

  void Load() {
    const char* tag = tags.c_str();
    TF_Buffer* meta_graph = TF_NewBuffer();
    session = LoadWithConfig(nullptr, folder, &tag, 1, graph, meta_graph, status);
    TF_DeleteBuffer(meta_graph);
    if (session == nullptr) return;
    for (const std::string& function : Split(functions, '\n')) MakeReady(session, graph, function);
  }
};

// Node's main thread alone looks at it; the thread knows its own.
Preload* pending = nullptr;

void Drop(void*) {
  if (pending == nullptr) return;
  pending->thread.join();
  if (pending->session != nullptr) {
    TF_CloseSession(pending->session, pending->status);
    TF_DeleteSession(pending->session, pending->status);
  }
  TF_DeleteGraph(pending->graph);
  TF_DeleteStatus(pending->status);
  delete pending;
  pending = nullptr;
}

std::string Text(napi_env env, napi_value value) {
  std::size_t length = 0;
  napi_get_value_string_utf8(env, value, nullptr, 0, &length);
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, text.data(), length + 1, &length);
  return text;
}

napi_value PreloadSavedModel(napi_env env, napi_callback_info info) {
  std::size_t count = 3;
  napi_value values[3];
  napi_get_cb_info(env, info, &count, values, nullptr, nullptr);
  Drop(nullptr);
  pending = new Preload();
  pending->folder = Text(env, values[0]);
  pending->tags = Text(env, values[1]);
  pending->functions = Text(env, values[2]);
  pending->thread = std::thread(&Preload::Load, pending);
  return nullptr;
}

napi_value DropPreloadedModel(napi_env, napi_callback_info) {
  Drop(nullptr);
  return nullptr;
}

}  // namespace

TF_Session* TakePreloaded(const TF_Graph* graph, TF_Status* status) {
  if (pending == nullptr || pending->graph != graph) return nullptr;
  pending->thread.join();
  TF_Session* session = pending->session;
  if (session == nullptr) TF_SetStatus(status, TF_GetCode(pending->status), TF_Message(pending->status));
  TF_DeleteStatus(pending->status);
  delete pending;
  pending = nullptr;
  return session;
}

// The package's addon makes a graph to load one at once.
extern "C" TF_Graph* OnecycleNewGraph() { return pending == nullptr ? TF_NewGraph() : pending->graph; }

// Its functions come in one list, its constants one by one.
extern "C" napi_status OnecycleDefineProperties(napi_env env, napi_value exports, size_t count, const napi_property_descriptor* properties) {
  const napi_status status = napi_define_properties(env, exports, count, properties);
  if (status != napi_ok || count == 1) return status;
  napi_add_env_cleanup_hook(env, Drop, nullptr);  // a process that exits must not take TensorFlow away under a thread
  const napi_property_descriptor own[] = {
      {"preloadSavedModel", nullptr, PreloadSavedModel, nullptr, nullptr, nullptr, napi_default, nullptr},
      {"dropPreloadedModel", nullptr, DropPreloadedModel, nullptr, nullptr, nullptr, napi_default, nullptr},
  };
  return napi_define_properties(env, exports, sizeof own / sizeof *own, own);
}
