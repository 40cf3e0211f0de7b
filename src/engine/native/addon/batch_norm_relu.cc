// OnecycleBatchNormRelu and OnecycleBatchNormReluGrad: batch norm over the last axis in training, and ReLU after it.
//
// TensorFlow's kernels go over the values once for the mean, once for the variance and once for the result; the gradient reads ReLU's output and writes
// one more map between the two. Here the mean and the variance are taken of a block of rows while it is in the cache, and the gradient finds where
// ReLU was zero from x once more. Each block's sums are added up in the order of the blocks, whose size only the number of channels determines: threads
// and their number change no bit.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"
#include "call.h"
#include "thread_pool.h"
#include "vectors.h"

namespace {

using onecycle::Call;
using onecycle::ShapeOf;

constexpr char kOp[] = "OnecycleBatchNormRelu";
constexpr char kGradientOp[] = "OnecycleBatchNormReluGrad";

// What the forward pass leaves for the gradient: for each channel the mean, gamma / deviation, beta and 1 / deviation.
struct Saved {
  const float *mean, *scale, *beta, *inverse;
};

Saved SavedAt(const float* values, int64_t channels) { return {values, values + channels, values + 2 * channels, values + 3 * channels}; }

// What batch_norm_relu_passes.inc has.
struct Passes {
  void (*moments)(const float* x, int64_t rows, int64_t channels, float* mean, float* squares);
  void (*normalize)(const float* x, float* y, int64_t rows, int64_t channels, const Saved& saved);
  void (*gradient_sums)(const float* dy, const float* x, int64_t rows, int64_t channels, const Saved& saved, float* sums, float* products);
  void (*gradient)(const float* dy, const float* x, float* dx, int64_t rows, int64_t channels, const Saved& saved, const float* shift,
                   const float* slope);
};

namespace portable {
typedef Floats4 Wide;
constexpr int64_t kLanes = 4;
#include "batch_norm_relu_passes.inc"
}  // namespace portable

#if defined(ONECYCLE_X86)
#pragma GCC push_options
#pragma GCC target("avx2")
namespace avx2 {
typedef Floats8 Wide;
constexpr int64_t kLanes = 8;
#include "batch_norm_relu_passes.inc"
}  // namespace avx2
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx512f")
namespace avx512 {
typedef Floats16 Wide;
constexpr int64_t kLanes = 16;
#include "batch_norm_relu_passes.inc"
}  // namespace avx512
#pragma GCC pop_options
#endif

// The passes for this processor, or those of at most so many lanes.
const Passes& PassesFor(int64_t lanes) {
#if defined(ONECYCLE_X86)
  if (lanes >= 16 && __builtin_cpu_supports("avx512f")) return avx512::passes;
  if (lanes >= 8 && __builtin_cpu_supports("avx2")) return avx2::passes;
#endif
  return portable::passes;
}

// Blocks of rows that stay in a core's first cache between two passes over them, two maps at a time.
struct Blocks {
  static constexpr int64_t kFloats = 4096;
  int64_t rows, channels;
  int64_t size = std::max<int64_t>(1, kFloats / std::max<int64_t>(1, channels));
  int64_t count = (rows + size - 1) / size;

  int64_t Start(int64_t block) const { return block * size * channels; }
  int64_t Rows(int64_t block) const { return std::min(size, rows - block * size); }

  // Calls `body` for each block, on several threads: some blocks at a time, for taking them has its price.
  template <typename Body>
  void ForEach(TF_OpKernelContext* context, const Body& body) const {
    constexpr int64_t kAtOnce = 4;
    onecycle::ParallelFor(context, (count + kAtOnce - 1) / kAtOnce, [&](int64_t i) {
      for (int64_t block = i * kAtOnce; block < std::min(count, (i + 1) * kAtOnce); block++) body(block);
    });
  }
};

// The op's attributes.
struct Kernel {
  float epsilon = 0;
  const Passes* passes = nullptr;
};

void* Create(TF_OpKernelConstruction* construction) {
  auto* kernel = new Kernel;
  int64_t lanes = 0;
  TF_Status* status = TF_NewStatus();
  TF_OpKernelConstruction_GetAttrFloat(construction, "epsilon", &kernel->epsilon, status);
  if (TF_GetCode(status) == TF_OK) TF_OpKernelConstruction_GetAttrInt64(construction, "lanes", &lanes, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  kernel->passes = &PassesFor(lanes);
  return kernel;
}

void Delete(void* kernel) { delete static_cast<Kernel*>(kernel); }

Blocks BlocksOf(const TF_Tensor* tensor, int64_t channels) { return {channels == 0 ? 0 : TF_TensorElementCount(tensor) / channels, channels}; }

// Two numbers of each channel of each block. All blocks' are added up in double precision.
struct BlockSums {
  explicit BlockSums(const Blocks& blocks) : channels(blocks.channels), values(2 * blocks.count * blocks.channels) {}
  float* First(int64_t block) { return values.data() + 2 * block * channels; }
  float* Second(int64_t block) { return First(block) + channels; }

  int64_t channels;
  std::vector<float> values;
};

void Compute(void* op, TF_OpKernelContext* context) {
  const auto& [epsilon, passes] = *static_cast<Kernel*>(op);
  Call call(context);
  const TF_Tensor* const input = call.Input(0);
  float* const gamma = Call::Floats(call.Input(1));
  const TF_Tensor* const beta_tensor = call.Input(2);
  const std::vector<int64_t> shape = ShapeOf(input);
  if (!call.Require(!shape.empty() && TF_TensorElementCount(beta_tensor) == shape.back(), "gamma and beta have a value for each channel")) return;
  const int64_t channels = shape.back();
  float* const y = call.Output(0, shape);
  float* const mean = call.Output(1, {channels});
  float* const variance = call.Output(2, {channels});
  float* const kept = call.Output(3, {4, channels});
  if (!call.Fine()) return;
  const float* const beta = Call::Floats(const_cast<TF_Tensor*>(beta_tensor));
  const float* const x = Call::Floats(const_cast<TF_Tensor*>(input));

  const Blocks blocks = BlocksOf(input, channels);
  BlockSums sums(blocks);
  blocks.ForEach(context, [&](int64_t block) {
    passes->moments(x + blocks.Start(block), blocks.Rows(block), channels, sums.First(block), sums.Second(block));
  });
  const double rows = static_cast<double>(blocks.rows);
  std::vector<double> center(channels), squares(channels);
  for (int64_t block = 0; block < blocks.count; block++) {
    const double part = blocks.Rows(block) / rows;
    const float* const means = sums.First(block);
    for (int64_t channel = 0; channel < channels; channel++) center[channel] += means[channel] * part;
  }
  for (int64_t block = 0; block < blocks.count; block++) {
    const double size = static_cast<double>(blocks.Rows(block));
    const float* const means = sums.First(block);
    const float* const within = sums.Second(block);
    for (int64_t channel = 0; channel < channels; channel++) {
      const double distance = means[channel] - center[channel];
      squares[channel] += within[channel] + distance * distance * size;
    }
  }
  for (int64_t channel = 0; channel < channels; channel++) {
    const double inverse = 1 / std::sqrt(squares[channel] / rows + epsilon);
    mean[channel] = static_cast<float>(center[channel]);
    variance[channel] = static_cast<float>(squares[channel] / std::max(1.0, rows - 1));
    kept[channel] = mean[channel];
    kept[channels + channel] = static_cast<float>(inverse * gamma[channel]);
    kept[2 * channels + channel] = beta[channel];
    kept[3 * channels + channel] = static_cast<float>(inverse);
  }
  const Saved saved = SavedAt(kept, channels);
  blocks.ForEach(context, [&](int64_t block) {
    const int64_t start = blocks.Start(block);
    passes->normalize(x + start, y + start, blocks.Rows(block), channels, saved);
  });
}

void ComputeGradient(void* op, TF_OpKernelContext* context) {
  const Passes* const passes = static_cast<Kernel*>(op)->passes;
  Call call(context);
  const TF_Tensor* const gradient = call.Input(0);
  const TF_Tensor* const input = call.Input(1);
  const TF_Tensor* const kept = call.Input(2);
  const std::vector<int64_t> shape = ShapeOf(input);
  if (!call.Require(!shape.empty() && TF_TensorElementCount(kept) == 4 * shape.back() && ShapeOf(gradient) == shape, "shapes differ")) return;
  const int64_t channels = shape.back();
  const float* const dy = Call::Floats(const_cast<TF_Tensor*>(gradient));
  const float* const x = Call::Floats(const_cast<TF_Tensor*>(input));
  const Saved saved = SavedAt(Call::Floats(const_cast<TF_Tensor*>(kept)), channels);
  float* const dx = call.OutputInPlace(0, 0, shape);
  float* const dgamma = call.Output(1, {channels});
  float* const dbeta = call.Output(2, {channels});
  if (!call.Fine()) return;

  const Blocks blocks = BlocksOf(input, channels);
  BlockSums sums(blocks);
  blocks.ForEach(context, [&](int64_t block) {
    const int64_t start = blocks.Start(block);
    passes->gradient_sums(dy + start, x + start, blocks.Rows(block), channels, saved, sums.First(block), sums.Second(block));
  });
  std::vector<double> sum(channels), product(channels);
  for (int64_t block = 0; block < blocks.count; block++) {
    for (int64_t channel = 0; channel < channels; channel++) {
      sum[channel] += sums.First(block)[channel];
      product[channel] += sums.Second(block)[channel];
    }
  }
  std::vector<float> shift(channels), slope(channels);
  for (int64_t channel = 0; channel < channels; channel++) {
    const double inverse = saved.inverse[channel];
    dgamma[channel] = static_cast<float>(product[channel] * inverse);
    dbeta[channel] = static_cast<float>(sum[channel]);
    shift[channel] = static_cast<float>(sum[channel] / blocks.rows);
    slope[channel] = static_cast<float>(product[channel] * inverse * inverse / blocks.rows);
  }
  blocks.ForEach(context, [&](int64_t block) {
    const int64_t start = blocks.Start(block);
    passes->gradient(dy + start, x + start, dx + start, blocks.Rows(block), channels, saved, shift.data(), slope.data());
  });
}

// Output `output` has the shape of input `input`, after a dimension of `before` where that is not 0.
void ShapeLike(TF_ShapeInferenceContext* context, int output, int input, size_t before, TF_Status* status) {
  TF_ShapeHandle* shape = TF_NewShapeHandle();
  TF_ShapeInferenceContextGetInput(context, input, shape, status);
  if (before != 0 && TF_GetCode(status) == TF_OK) {
    TF_ShapeHandle* first = TF_ShapeInferenceContextVectorFromSize(context, before);
    TF_ShapeInferenceContextConcatenateShapes(context, first, shape, shape, status);
    TF_DeleteShapeHandle(first);
  }
  if (TF_GetCode(status) == TF_OK) TF_ShapeInferenceContextSetOutput(context, output, shape, status);
  TF_DeleteShapeHandle(shape);
}

void InferShapes(TF_ShapeInferenceContext* context, TF_Status* status) {
  ShapeLike(context, 0, 0, 0, status);
  for (int output : {1, 2}) ShapeLike(context, output, 1, 0, status);
  ShapeLike(context, 3, 1, 4, status);
}

void InferGradientShapes(TF_ShapeInferenceContext* context, TF_Status* status) {
  ShapeLike(context, 0, 0, 0, status);
  for (int output : {1, 2}) ShapeLike(context, output, 3, 0, status);
}

bool RegisterBatchNorm(const char* name, std::initializer_list<const char*> inputs, std::initializer_list<const char*> outputs,
                       void (*infer)(TF_ShapeInferenceContext*, TF_Status*), void (*compute)(void*, TF_OpKernelContext*)) {
  return onecycle::Register(name, inputs, outputs, {"epsilon: float = 0"}, {infer, Create, compute, Delete});
}

// The gradient takes gamma for its shape.
const bool registered =
    RegisterBatchNorm(kOp, {"x: float", "gamma: float", "beta: float"}, {"y: float", "mean: float", "variance: float", "saved: float"}, InferShapes,
                      Compute) &&
    RegisterBatchNorm(kGradientOp, {"dy: float", "x: float", "saved: float", "gamma: float"}, {"dx: float", "dgamma: float", "dbeta: float"},
                      InferGradientShapes, ComputeGradient);

}  // namespace
