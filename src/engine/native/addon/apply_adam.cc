// OnecycleApplyAdam: decoupled weight decay and Adam's step for a part of a variable, in one pass through memory.
//
// TensorFlow's ResourceApplyAdam has no weight decay and is compiled for processors of 2013; decay before it is another pass, into new memory.
// The parts of a variable are ops of their own, so that TensorFlow runs them on all its threads; where it runs one op at a time, the op itself uses them.
//
// The variables come in as what ReadVariableOp gives, which is their own memory, and are changed there. So nothing else may read them meanwhile:
// the graph orders this op after all that reads the old values (src/engine/native/reads.ts).
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"
#include "thread_pool.h"

namespace {

constexpr char kOp[] = "OnecycleApplyAdam";
// Elements that a thread takes at a time.
constexpr int64_t kAtOnce = 65536;

// The elements of the variable that this op updates.
struct Part {
  int64_t start;
  int64_t end;
};

// Numbers of one step; TensorFlow's names.
struct Scalars {
  float beta1_power, beta2_power, lr, beta1, beta2, epsilon, decay;
};

// Where the compiler can, it makes one of these for each kind of processor, and the program takes what it runs on.
#if defined(__x86_64__) && defined(__linux__) && defined(__has_attribute)
#if __has_attribute(target_clones)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
#endif
void Step(float* __restrict w, float* __restrict m, float* __restrict v, const float* __restrict g, int64_t size, float rate, float beta1, float beta2,
          float epsilon, float decay) {
  for (int64_t i = 0; i < size; i++) {
    m[i] += (g[i] - m[i]) * (1 - beta1);
    v[i] += (g[i] * g[i] - v[i]) * (1 - beta2);
    w[i] = w[i] * decay - (rate * m[i]) / (std::sqrt(v[i]) + epsilon);
  }
}

void* Create(TF_OpKernelConstruction* construction) {
  auto* part = new Part;
  TF_Status* status = TF_NewStatus();
  TF_OpKernelConstruction_GetAttrInt64(construction, "start", &part->start, status);
  if (TF_GetCode(status) == TF_OK) TF_OpKernelConstruction_GetAttrInt64(construction, "end", &part->end, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  return part;
}

// An input's values. They stay where they are: the tensor is only a view of them.
float* Values(TF_OpKernelContext* context, int index, TF_Status* status) {
  TF_Tensor* tensor = nullptr;
  TF_GetInput(context, index, &tensor, status);
  if (TF_GetCode(status) != TF_OK) return nullptr;
  auto* values = static_cast<float*>(TF_TensorData(tensor));
  TF_DeleteTensor(tensor);
  return values;
}

void Compute(void* kernel, TF_OpKernelContext* context) {
  TF_Status* status = TF_NewStatus();
  float* inputs[11];
  for (int i = 0; i < 11 && TF_GetCode(status) == TF_OK; i++) inputs[i] = Values(context, i, status);
  if (TF_GetCode(status) == TF_OK) {
    const auto& [start, end] = *static_cast<Part*>(kernel);
    const Scalars s = {*inputs[4], *inputs[5], *inputs[6], *inputs[7], *inputs[8], *inputs[9], *inputs[10]};
    const float rate = s.lr * std::sqrt(1 - s.beta2_power) / (1 - s.beta1_power);
    const int64_t size = end - start;
    onecycle::ParallelFor(context, (size + kAtOnce - 1) / kAtOnce, [&](int64_t i) {
      const int64_t at = start + i * kAtOnce;
      Step(inputs[0] + at, inputs[1] + at, inputs[2] + at, inputs[3] + at, std::min(kAtOnce, end - at), rate, s.beta1, s.beta2, s.epsilon, s.decay);
    });
  } else {
    TF_OpKernelContext_Failure(context, status);
  }
  TF_DeleteStatus(status);
}

void Delete(void* kernel) { delete static_cast<Part*>(kernel); }

bool Register() {
  TF_Status* status = TF_NewStatus();
  TF_OpDefinitionBuilder* op = TF_NewOpDefinitionBuilder(kOp);
  for (const char* input : {"variable: float", "m: float", "v: float", "gradient: float", "beta1_power: float", "beta2_power: float", "lr: float",
                            "beta1: float", "beta2: float", "epsilon: float", "decay: float"}) {
    TF_OpDefinitionBuilderAddInput(op, input);
  }
  for (const char* attribute : {"start: int", "end: int"}) TF_OpDefinitionBuilderAddAttr(op, attribute);
  TF_OpDefinitionBuilderSetIsStateful(op, true);  // else it might be left out, or done once for two
  TF_OpDefinitionBuilderSetShapeInferenceFunction(op, [](TF_ShapeInferenceContext*, TF_Status*) {});  // it has no outputs
  TF_RegisterOpDefinition(op, status);
  if (TF_GetCode(status) == TF_OK) TF_RegisterKernelBuilder(kOp, TF_NewKernelBuilder(kOp, "CPU", Create, Compute, Delete), status);
  const bool done = TF_GetCode(status) == TF_OK;
  TF_DeleteStatus(status);
  return done;
}

const bool registered = Register();

}  // namespace
