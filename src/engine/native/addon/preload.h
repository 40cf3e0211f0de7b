#pragma once

#include <string>

#include "tensorflow/c/c_api.h"

// Loads a graph into `graph`, with the session's configuration that lies beside it.
TF_Session* LoadWithConfig(const TF_Buffer* run_options, const std::string& folder, const char* const* tags, int tags_len, TF_Graph* graph,
                           TF_Buffer* meta_graph_def, TF_Status* status);

// Where `graph` is the one that is loaded beforehand: waits for it, gives its session, and forgets about it. Else null with status OK.
TF_Session* TakePreloaded(const TF_Graph* graph, TF_Status* status);
