// Lets a graph say how its session runs.
//
// TensorFlow reads how many threads ops run on from the environment, once in a process; a session's own configuration is asked each time. The
// package's addon gives its sessions none. So its call that loads a graph is compiled as a call of ours (-DTF_LoadSessionFromSavedModel=…, see
// src/engine/native/install/compile.ts), which takes a ConfigProto from a file beside the graph where there is one.
#include <fstream>
#include <iterator>
#include <string>

#include "preload.h"
#include "tensorflow/c/c_api.h"

#undef TF_LoadSessionFromSavedModel
extern "C" TF_Session* TF_LoadSessionFromSavedModel(const TF_SessionOptions* session_options, const TF_Buffer* run_options, const char* export_dir,
                                                    const char* const* tags, int tags_len, TF_Graph* graph, TF_Buffer* meta_graph_def, TF_Status* status);

TF_Session* LoadWithConfig(const TF_Buffer* run_options, const std::string& folder, const char* const* tags, int tags_len, TF_Graph* graph,
                           TF_Buffer* meta_graph_def, TF_Status* status) {
  std::ifstream file(folder + "/session_config.pb", std::ios::binary);
  const std::string config((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
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
