// What kernels of ours need of TensorFlow's C API.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"

namespace onecycle {

// The tensors of one call. After a failure, which the call is told of, there are none.
class Call {
 public:
  explicit Call(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {}
  ~Call() {
    for (TF_Tensor* tensor : tensors_) TF_DeleteTensor(tensor);
    if (TF_GetCode(status_) != TF_OK) TF_OpKernelContext_Failure(context_, status_);
    TF_DeleteStatus(status_);
  }

  TF_Tensor* Input(int index) {
    TF_Tensor* tensor = nullptr;
    if (Fine()) TF_GetInput(context_, index, &tensor, status_);
    return Kept(tensor);
  }

  float* Output(int index, const std::vector<int64_t>& shape) {
    if (!Fine()) return nullptr;
    int64_t size = sizeof(float);
    for (int64_t length : shape) size *= length;
    return Floats(Kept(TF_AllocateOutput(context_, index, TF_FLOAT, shape.data(), static_cast<int>(shape.size()), size, status_)));
  }

  // An output in the memory of an input that nothing else needs, or in new memory.
  float* OutputInPlace(int index, int input, const std::vector<int64_t>& shape) {
    if (!Fine()) return nullptr;
    int forwarded;
    return Floats(Kept(TF_ForwardInputOrAllocateOutput(context_, &input, 1, index, shape.data(), static_cast<int>(shape.size()), &forwarded, status_)));
  }

  bool Fine() const { return TF_GetCode(status_) == TF_OK; }

  bool Require(bool condition, const char* message) {
    if (Fine() && !condition) TF_SetStatus(status_, TF_INVALID_ARGUMENT, message);
    return Fine();
  }

  static float* Floats(TF_Tensor* tensor) { return tensor == nullptr ? nullptr : static_cast<float*>(TF_TensorData(tensor)); }

 private:
  TF_Tensor* Kept(TF_Tensor* tensor) {
    if (tensor != nullptr) tensors_.push_back(tensor);
    return tensor;
  }

  TF_OpKernelContext* context_;
  TF_Status* status_;
  std::vector<TF_Tensor*> tensors_;
};

inline std::vector<int64_t> ShapeOf(const TF_Tensor* tensor) {
  std::vector<int64_t> shape(tensor == nullptr ? 0 : TF_NumDims(tensor));
  for (size_t i = 0; i < shape.size(); i++) shape[i] = TF_Dim(tensor, static_cast<int>(i));
  return shape;
}

// What TensorFlow calls for an op: makes a kernel of its attributes, computes by it, deletes it.
struct Functions {
  void (*infer)(TF_ShapeInferenceContext*, TF_Status*);
  void* (*create)(TF_OpKernelConstruction*);
  void (*compute)(void*, TF_OpKernelContext*);
  void (*destroy)(void*);
};

// Registers an op that has a path for each width of registers, with its kernel for the CPU.
inline bool Register(const char* name, std::initializer_list<const char*> inputs, std::initializer_list<const char*> outputs,
                     std::initializer_list<const char*> attributes, const Functions& functions) {
  TF_Status* status = TF_NewStatus();
  TF_OpDefinitionBuilder* op = TF_NewOpDefinitionBuilder(name);
  for (const char* input : inputs) TF_OpDefinitionBuilderAddInput(op, input);
  for (const char* output : outputs) TF_OpDefinitionBuilderAddOutput(op, output);
  for (const char* attribute : attributes) TF_OpDefinitionBuilderAddAttr(op, attribute);
  TF_OpDefinitionBuilderAddAttr(op, "lanes: int = 16");  // fewer make every path run on one processor, to test it
  TF_OpDefinitionBuilderSetShapeInferenceFunction(op, functions.infer);
  TF_RegisterOpDefinition(op, status);
  if (TF_GetCode(status) == TF_OK)
    TF_RegisterKernelBuilder(name, TF_NewKernelBuilder(name, "CPU", functions.create, functions.compute, functions.destroy), status);
  const bool done = TF_GetCode(status) == TF_OK;
  TF_DeleteStatus(status);
  return done;
}

}  // namespace onecycle
