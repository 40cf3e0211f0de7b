// OnecycleBatchNormRelu and OnecycleBatchNormReluGrad: batch norm over the last axis in training, and ReLU after it.
// OnecycleBatchNormReluPool and OnecycleBatchNormReluPoolGrad: both, and of windows of 2x2 pixels the largest values.
//
// TensorFlow's kernels go over the values once for the mean, once for the variance and once for the result; the gradient reads ReLU's output and writes
// one more map between the two. Here the mean and the variance are taken of a block of rows while it is in the cache, and the gradient finds where
// ReLU was zero from x once more. Each block's sums are added up in the order of the blocks, whose size only the number of channels determines: threads
// and their number change no bit. With pooling, neither the map before it nor its gradient is ever written.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
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

// What the forward pass leaves for the gradient: for each channel the mean, gamma / deviation, beta and 1 / deviation.
struct Saved {
  const float *mean, *scale, *beta, *inverse;
};

Saved SavedAt(const float* values, int64_t channels) { return {values, values + channels, values + 2 * channels, values + 3 * channels}; }

// Images [images, height, width, channels] of which windows of 2x2 pixels are pooled; a last row or column may be in none. Two rows that have the
// windows beside one another are a band.
struct Pooling {
  int64_t images, height, width, channels;
  int64_t rows = height / 2, columns = width / 2;

  // A pixel of a window, of its four by rows, as seen from the first.
  int64_t Pixel(int index) const { return (index / 2 * width + index % 2) * channels; }
  // Where a band begins in the images, and its row in the pooled ones.
  int64_t Input(int64_t band) const { return (band / rows * height + band % rows * 2) * width * channels; }
  int64_t Output(int64_t band) const { return band * columns * channels; }
};

// What batch_norm_relu_passes.inc has.
struct Passes {
  void (*moments)(const float* x, int64_t rows, int64_t channels, float* mean, float* squares);
  void (*normalize)(const float* x, float* y, int64_t rows, int64_t channels, const Saved& saved);
  void (*gradient_sums)(const float* dy, const float* x, int64_t rows, int64_t channels, const Saved& saved, float* sums, float* products);
  void (*gradient)(const float* dy, const float* x, float* dx, int64_t rows, int64_t channels, const Saved& saved, const float* shift,
                   const float* slope);
  void (*pool)(const float* x, float* y, const Pooling& map, int64_t band, const Saved& saved);
  void (*pooled_gradient_sums)(const float* dy, const float* x, const Pooling& map, int64_t band, int64_t bands, const Saved& saved, float* sums,
                               float* products);
  void (*pooled_gradient)(const float* dy, const float* x, float* dx, const Pooling& map, int64_t band, const Saved& saved, const float* shift,
                          const float* slope, const float* zeros);
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

// How the ops go over x, block by block: here by its pixels.
struct Plain {
  Plain(const std::vector<int64_t>& shape, const Passes& passes) : passes(passes), channels(shape.back()), blocks{RowsOf(shape), channels} {}

  static bool Fits(const std::vector<int64_t>& shape) { return !shape.empty(); }
  static int64_t RowsOf(const std::vector<int64_t>& shape) {
    return std::accumulate(shape.begin(), shape.end() - 1, int64_t{1}, std::multiplies<int64_t>());
  }
  static std::vector<int64_t> OutputShape(const std::vector<int64_t>& shape) { return shape; }
  // Of the gradient's inputs, the one that dx may take the memory of.
  static constexpr int kForwarded = 0;

  void Normalize(int64_t block, const float* x, float* y, const Saved& saved) const {
    const int64_t start = blocks.Start(block);
    passes.normalize(x + start, y + start, blocks.Rows(block), channels, saved);
  }
  void GradientSums(int64_t block, const float* dy, const float* x, const Saved& saved, float* sums, float* products) const {
    const int64_t start = blocks.Start(block);
    passes.gradient_sums(dy + start, x + start, blocks.Rows(block), channels, saved, sums, products);
  }
  void Gradient(int64_t block, const float* dy, const float* x, float* dx, const Saved& saved, const float* shift, const float* slope) const {
    const int64_t start = blocks.Start(block);
    passes.gradient(dy + start, x + start, dx + start, blocks.Rows(block), channels, saved, shift, slope);
  }

  const Passes& passes;
  int64_t channels;
  Blocks blocks;
};

// And here by bands.
struct Pooled {
  Pooled(const std::vector<int64_t>& shape, const Passes& passes)
      : passes(passes), map{shape[0], shape[1], shape[2], shape[3]}, blocks{map.images * map.rows, 2 * map.width * map.channels} {}

  static bool Fits(const std::vector<int64_t>& shape) { return shape.size() == 4 && shape[1] >= 2 && shape[2] >= 2; }
  static std::vector<int64_t> OutputShape(const std::vector<int64_t>& shape) { return {shape[0], shape[1] / 2, shape[2] / 2, shape[3]}; }
  static constexpr int kForwarded = 1;

  void Normalize(int64_t block, const float* x, float* y, const Saved& saved) const {
    for (int64_t i = 0; i < blocks.Rows(block); i++) passes.pool(x, y, map, First(block) + i, saved);
  }
  void GradientSums(int64_t block, const float* dy, const float* x, const Saved& saved, float* sums, float* products) const {
    passes.pooled_gradient_sums(dy, x, map, First(block), blocks.Rows(block), saved, sums, products);
  }
  void Gradient(int64_t block, const float* dy, const float* x, float* dx, const Saved& saved, const float* shift, const float* slope) const {
    for (int64_t i = 0; i < blocks.Rows(block); i++)
      passes.pooled_gradient(dy, x, dx, map, First(block) + i, saved, shift, slope, zeros.data());
  }
  int64_t First(int64_t block) const { return block * blocks.size; }

  const Passes& passes;
  Pooling map;
  Blocks blocks;
  // The gradient of a row that is in no window, where there may be one.
  std::vector<float> zeros = std::vector<float>((map.height | map.width) % 2 * map.width * map.channels);
};

constexpr char kNoImages[] = "x has channels, and where it is pooled images of at least 2x2 pixels";

// Two numbers of each channel of each block. All blocks' are added up in double precision.
struct BlockSums {
  BlockSums(int64_t blocks, int64_t channels) : channels(channels), values(2 * blocks * channels) {}
  float* First(int64_t block) { return values.data() + 2 * block * channels; }
  float* Second(int64_t block) { return First(block) + channels; }

  int64_t channels;
  std::vector<float> values;
};

// Of each channel of x the mean and the variance, and what is kept of them for the gradient.
void Moments(TF_OpKernelContext* context, const Kernel& kernel, const float* x, const Blocks& blocks, const float* gamma, const float* beta,
             float* mean, float* variance, float* kept) {
  const int64_t channels = blocks.channels;
  BlockSums sums(blocks.count, channels);
  blocks.ForEach(context, [&](int64_t block) {
    kernel.passes->moments(x + blocks.Start(block), blocks.Rows(block), channels, sums.First(block), sums.Second(block));
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
    const double inverse = 1 / std::sqrt(squares[channel] / rows + kernel.epsilon);
    mean[channel] = static_cast<float>(center[channel]);
    variance[channel] = static_cast<float>(squares[channel] / std::max(1.0, rows - 1));
    kept[channel] = mean[channel];
    kept[channels + channel] = static_cast<float>(inverse * gamma[channel]);
    kept[2 * channels + channel] = beta[channel];
    kept[3 * channels + channel] = static_cast<float>(inverse);
  }
}

template <typename Over>
void Compute(void* op, TF_OpKernelContext* context) {
  const Kernel& kernel = *static_cast<Kernel*>(op);
  Call call(context);
  const TF_Tensor* const input = call.Input(0);
  float* const gamma = Call::Floats(call.Input(1));
  const TF_Tensor* const beta_tensor = call.Input(2);
  const std::vector<int64_t> shape = ShapeOf(input);
  if (!call.Require(Over::Fits(shape), kNoImages)) return;
  const int64_t channels = shape.back();
  if (!call.Require(TF_TensorElementCount(beta_tensor) == channels, "gamma and beta have a value for each channel")) return;
  float* const y = call.Output(0, Over::OutputShape(shape));
  float* const mean = call.Output(1, {channels});
  float* const variance = call.Output(2, {channels});
  float* const kept = call.Output(3, {4, channels});
  if (!call.Fine()) return;
  const float* const beta = Call::Floats(const_cast<TF_Tensor*>(beta_tensor));
  const float* const x = Call::Floats(const_cast<TF_Tensor*>(input));

  Moments(context, kernel, x, Plain(shape, *kernel.passes).blocks, gamma, beta, mean, variance, kept);
  const Over over(shape, *kernel.passes);
  const Saved saved = SavedAt(kept, channels);
  over.blocks.ForEach(context, [&](int64_t block) { over.Normalize(block, x, y, saved); });
}

template <typename Over>
void ComputeGradient(void* op, TF_OpKernelContext* context) {
  const Kernel& kernel = *static_cast<Kernel*>(op);
  Call call(context);
  const TF_Tensor* const gradient = call.Input(0);
  const TF_Tensor* const input = call.Input(1);
  const TF_Tensor* const kept = call.Input(2);
  const std::vector<int64_t> shape = ShapeOf(input);
  if (!call.Require(Over::Fits(shape), kNoImages)) return;
  const int64_t channels = shape.back();
  if (!call.Require(TF_TensorElementCount(kept) == 4 * channels && ShapeOf(gradient) == Over::OutputShape(shape), "shapes differ")) return;
  const float* const dy = Call::Floats(const_cast<TF_Tensor*>(gradient));
  const float* const x = Call::Floats(const_cast<TF_Tensor*>(input));
  const Saved saved = SavedAt(Call::Floats(const_cast<TF_Tensor*>(kept)), channels);
  float* const dx = call.OutputInPlace(0, Over::kForwarded, shape);
  float* const dgamma = call.Output(1, {channels});
  float* const dbeta = call.Output(2, {channels});
  if (!call.Fine()) return;

  const Over over(shape, *kernel.passes);
  BlockSums sums(over.blocks.count, channels);
  over.blocks.ForEach(context, [&](int64_t block) { over.GradientSums(block, dy, x, saved, sums.First(block), sums.Second(block)); });
  std::vector<double> sum(channels), product(channels);
  for (int64_t block = 0; block < over.blocks.count; block++) {
    for (int64_t channel = 0; channel < channels; channel++) {
      sum[channel] += sums.First(block)[channel];
      product[channel] += sums.Second(block)[channel];
    }
  }
  const int64_t rows = Plain::RowsOf(shape);
  std::vector<float> shift(channels), slope(channels);
  for (int64_t channel = 0; channel < channels; channel++) {
    const double inverse = saved.inverse[channel];
    dgamma[channel] = static_cast<float>(product[channel] * inverse);
    dbeta[channel] = static_cast<float>(sum[channel]);
    shift[channel] = static_cast<float>(sum[channel] / rows);
    slope[channel] = static_cast<float>(product[channel] * inverse * inverse / rows);
  }
  over.blocks.ForEach(context, [&](int64_t block) { over.Gradient(block, dy, x, dx, saved, shift.data(), slope.data()); });
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

// A dimension by itself: as it is, or half as long where its length is known.
TF_ShapeHandle* Dimension(TF_ShapeInferenceContext* context, TF_ShapeHandle* shape, int64_t index, bool halved, TF_Status* status) {
  TF_DimensionHandle* handle = TF_NewDimensionHandle();
  TF_ShapeInferenceContextDim(context, shape, index, handle);
  const int64_t length = halved && TF_DimensionHandleValueKnown(handle) ? TF_DimensionHandleValue(handle) / 2 : -1;
  TF_DeleteDimensionHandle(handle);
  if (length >= 0) return TF_ShapeInferenceContextVectorFromSize(context, length);
  TF_ShapeHandle* part = TF_NewShapeHandle();
  TF_ShapeInferenceContextSubshape(context, shape, index, index + 1, part, status);
  return part;
}

// Output 0 has input 0's shape, pooled. A batch may have any size; of the rest TensorFlow's pass for oneDNN dies where it is not known.
void InferPooled(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeHandle* shape = TF_NewShapeHandle();
  TF_ShapeHandle* pooled = TF_ShapeInferenceContextScalar(context);
  TF_ShapeInferenceContextGetInput(context, 0, shape, status);
  if (TF_GetCode(status) == TF_OK) TF_ShapeInferenceContextWithRank(context, shape, 4, shape, status);
  for (int64_t index = 0; index < 4 && TF_GetCode(status) == TF_OK; index++) {
    TF_ShapeHandle* next = Dimension(context, shape, index, index == 1 || index == 2, status);
    if (TF_GetCode(status) == TF_OK) TF_ShapeInferenceContextConcatenateShapes(context, pooled, next, pooled, status);
    TF_DeleteShapeHandle(next);
  }
  if (TF_GetCode(status) == TF_OK) TF_ShapeInferenceContextSetOutput(context, 0, pooled, status);
  TF_DeleteShapeHandle(pooled);
  TF_DeleteShapeHandle(shape);
}

void InferStatistics(TF_ShapeInferenceContext* context, TF_Status* status) {
  for (int output : {1, 2}) ShapeLike(context, output, 1, 0, status);
  ShapeLike(context, 3, 1, 4, status);
}

void InferShapes(TF_ShapeInferenceContext* context, TF_Status* status) {
  ShapeLike(context, 0, 0, 0, status);
  InferStatistics(context, status);
}

void InferPooledShapes(TF_ShapeInferenceContext* context, TF_Status* status) {
  InferPooled(context, status);
  InferStatistics(context, status);
}

void InferGradientShapes(TF_ShapeInferenceContext* context, TF_Status* status) {
  ShapeLike(context, 0, 1, 0, status);
  for (int output : {1, 2}) ShapeLike(context, output, 3, 0, status);
}

// The gradient takes gamma for its shape.
template <typename Over>
bool RegisterBatchNorm(const char* name, const char* gradient, void (*infer)(TF_ShapeInferenceContext*, TF_Status*)) {
  return onecycle::Register(name, {"x: float", "gamma: float", "beta: float"}, {"y: float", "mean: float", "variance: float", "saved: float"},
                            {"epsilon: float = 0"}, {infer, Create, Compute<Over>, Delete}) &&
         onecycle::Register(gradient, {"dy: float", "x: float", "saved: float", "gamma: float"}, {"dx: float", "dgamma: float", "dbeta: float"},
                            {"epsilon: float = 0"}, {InferGradientShapes, Create, ComputeGradient<Over>, Delete});
}

const bool registered = RegisterBatchNorm<Plain>("OnecycleBatchNormRelu", "OnecycleBatchNormReluGrad", InferShapes) &&
                        RegisterBatchNorm<Pooled>("OnecycleBatchNormReluPool", "OnecycleBatchNormReluPoolGrad", InferPooledShapes);

}  // namespace
