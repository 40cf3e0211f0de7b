// Lets a graph say how its session runs, and a worker how much of a card's memory its trainer may take.
//
// TensorFlow reads how many threads ops run on from the environment, once in a process; a session's own configuration is asked each time. The
// package's addon gives its sessions none. So its call that loads a graph is compiled as a call of ours (-DTF_LoadSessionFromSavedModel=…, see
// src/engine/native/install/compile.ts), which takes a ConfigProto from a file beside the graph where there is one. So is the call that makes its
// context, with whose configuration TensorFlow opens the card: a process has the memory that is said there.
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "preload.h"
#include "tensorflow/c/c_api.h"
#include "tensorflow/c/eager/c_api.h"

namespace {

// ConfigProto's gpu_options (field 6) with per_process_gpu_memory_fraction (field 1, a double), as bytes; none where the process may take all. Bytes
// of the same message that follow one another are merged.
std::string GpuOptions() {
  const char* said = std::getenv("ONECYCLE_GPU_MEMORY_FRACTION");
  const double fraction = said == nullptr ? 0 : std::strtod(said, nullptr);
  if (fraction <= 0) return "";
  std::string bytes("\x32\x09\x09", 3);
  char value[sizeof fraction];
  std::memcpy(value, &fraction, sizeof fraction);  // little-endian, as all machines are that TensorFlow is built for
  return bytes.append(value, sizeof value);
}

}  // namespace

#undef TFE_NewContext
extern "C" TFE_Context* TFE_NewContext(const TFE_ContextOptions* options, TF_Status* status);

// The package sets nothing in `options`.
extern "C" TFE_Context* OnecycleNewContext(const TFE_ContextOptions* options, TF_Status* status) {
  const std::string config = GpuOptions();
  if (config.empty()) return TFE_NewContext(options, status);
  TFE_ContextOptions* own = TFE_NewContextOptions();
  TFE_ContextOptionsSetConfig(own, config.data(), config.size(), status);
  TFE_Context* context = TF_GetCode(status) == TF_OK ? TFE_NewContext(own, status) : nullptr;
  TFE_DeleteContextOptions(own);
  return context;
}

#undef TF_LoadSessionFromSavedModel
extern "C" TF_Session* TF_LoadSessionFromSavedModel(const TF_SessionOptions* session_options, const TF_Buffer* run_options, const char* export_dir,
                                                    const char* const* tags, int tags_len, TF_Graph* graph, TF_Buffer* meta_graph_def, TF_Status* status);

TF_Session* LoadWithConfig(const TF_Buffer* run_options, const std::string& folder, const char* const* tags, int tags_len, TF_Graph* graph,
                           TF_Buffer* meta_graph_def, TF_Status* status) {
  std::ifstream file(folder + "/session_config.pb", std::ios::binary);
  const std::string config = std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>()) + GpuOptions();
  TF_SessionOptions* options = TF_NewSessionOptions();
  TF_SetConfig(options, config.data(), config.size(), status);
  TF_Session* session = nullptr;
  if (TF_GetCode(status) == TF_OK)
    session = TF_LoadSessionFromSavedModel(options, run_options, folder.c_str(), tags, tags_len, graph, meta_graph_def, status);
  TF_DeleteSessionOptions(options);
  return session;
}

extern "C" TF_Session* OnecycleLoadSession(const TF_SessionOptions* session_options, const TF_Buffer* run_options, const char* export_dir,
                                           const char* const* tags, int tags_len, TF_Graph* graph, TF_Buffer* meta_graph_def, TF_Status* status) {
  TF_Session* session = TakePreloaded(graph, status);
  if (session != nullptr || TF_GetCode(status) != TF_OK) return session;
  return LoadWithConfig(run_options, export_dir, tags, tags_len, graph, meta_graph_def, status);
}
