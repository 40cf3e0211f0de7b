// OnecycleDense and OnecycleDenseGrad: a dense layer with its bias and ReLU, and all gradients of one, each in one op.
//
// TensorFlow runs an op for each product, sum, and ReLU, and hands a product to threads of its pool while the one that asked for it sleeps, or to none
// where the matrices fit a core's cache. Here the calling thread computes as well, bias and ReLU are added to a tile of the result that is still in
// the cache, and both products of the gradient share the threads.
#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "call.h"
#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"
#include "tensorflow/c/tf_status.h"
#include "tensorflow/c/tf_tensor.h"
#include "thread_pool.h"
#include "vectors.h"

namespace {

using onecycle::Call;
using onecycle::ShapeOf;

// A matrix or its transpose: how far rows, and columns, are from one another.
struct Matrix {
  const float* values;
  int64_t row_step, column_step;
};

// What is done with a product, as far as it is there: a bias is added to each row, what is negative becomes 0, what is not positive in `mask` becomes
// 0. `sums` takes the sums of the second matrix's columns.
struct Ending {
  const float* bias = nullptr;
  bool relu = false;
  const float* mask = nullptr;
  float* sums = nullptr;
};

// y = a·b, where a has `length` columns and y has `columns`.
struct Product {
  Matrix a, b;
  int64_t length, columns;
  float* y;
  Ending ending;
};

// What products.inc has.
struct Products {
  int64_t panel;
  void (*multiply)(const Product& product, int64_t row, int64_t rows, int64_t column, float* panel);
};

namespace portable {
typedef Floats4 Wide;
constexpr int64_t kLanes = 4;
constexpr int kTileRows = 6;
inline Wide Spread(float value) { return Wide{value, value, value, value}; }
inline Wide Fused(Wide a, Wide b, Wide sum) { return sum + a * b; }
#include "products.inc"
}  // namespace portable

#if defined(ONECYCLE_X86)
#pragma GCC push_options
#pragma GCC target("avx2,fma")
namespace avx2 {
typedef Floats8 Wide;
constexpr int64_t kLanes = 8;
constexpr int kTileRows = 6;
inline Wide Spread(float value) { return _mm256_set1_ps(value); }
inline Wide Fused(Wide a, Wide b, Wide sum) { return _mm256_fmadd_ps(a, b, sum); }
#include "products.inc"
}  // namespace avx2
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx512f")
namespace avx512 {
typedef Floats16 Wide;
constexpr int64_t kLanes = 16;
constexpr int kTileRows = 13;
inline Wide Spread(float value) { return _mm512_set1_ps(value); }
inline Wide Fused(Wide a, Wide b, Wide sum) { return _mm512_fmadd_ps(a, b, sum); }
#include "products.inc"
}  // namespace avx512
#pragma GCC pop_options
#endif

// The products for this processor, or those of at most so many lanes.
const Products& ProductsFor(int64_t lanes) {
#if defined(ONECYCLE_X86)
  if (lanes >= 16 && __builtin_cpu_supports("avx512f")) return avx512::products;
  if (lanes >= 8 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2::products;
#endif
  return portable::products;
}

// The parts of a product that threads take: some rows of one panel.
struct Parts {
  const Product* product;
  int64_t rows, panel;
  // Rows that share a panel once it is laid out.
  static constexpr int64_t kRows = 208;
  int64_t down = (rows + kRows - 1) / kRows;
  int64_t count = down * ((product->columns + panel - 1) / panel);
};

// From so many multiplications on, waking another thread takes less time than it saves: they take 30 microseconds with AVX-512.
constexpr int64_t kShared = int64_t{1} << 22;

void MultiplyAll(TF_OpKernelContext* context, const Products& products, std::initializer_list<Parts> all) {
  int64_t count = 0, multiplications = 0;
  for (const Parts& parts : all) {
    count += parts.count;
    multiplications += parts.rows * parts.product->length * parts.product->columns;
  }
  const auto part = [&](int64_t i) {
    static thread_local std::vector<float> panel;
    for (const Parts& parts : all) {
      if (i >= parts.count) {
        i -= parts.count;
        continue;
      }
      panel.resize(std::max<size_t>(panel.size(), parts.product->length * parts.panel));
      const int64_t row = i % parts.down * Parts::kRows;
      products.multiply(*parts.product, row, std::min(Parts::kRows, parts.rows - row), i / parts.down * parts.panel, panel.data());
      return;
    }
  };
  if (multiplications >= kShared) onecycle::ParallelFor(context, count, part);
  else
    for (int64_t i = 0; i < count; i++) part(i);
}

// The op's attributes: of the forward pass whether ReLU follows; of the gradient whether x is a ReLU's result, and whether x's gradient is
// wanted: else there is none, and w is not looked at.
struct Kernel {
  unsigned char relu = 0, wants_dx = 0;
  const Products* products = nullptr;
};

void* Create(TF_OpKernelConstruction* construction) {
  auto* kernel = new Kernel;
  int64_t lanes = 0;
  TF_Status* status = TF_NewStatus();
  TF_OpKernelConstruction_GetAttrBool(construction, "relu", &kernel->relu, status);
  if (TF_GetCode(status) == TF_OK) TF_OpKernelConstruction_GetAttrBool(construction, "wants_dx", &kernel->wants_dx, status);
  if (TF_GetCode(status) == TF_OK) TF_OpKernelConstruction_GetAttrInt64(construction, "lanes", &lanes, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  kernel->products = &ProductsFor(lanes);
  return kernel;
}

void Delete(void* kernel) { delete static_cast<Kernel*>(kernel); }

void Compute(void* op, TF_OpKernelContext* context) {
  const auto& [relu, wants_dx, products] = *static_cast<Kernel*>(op);
  Call call(context);
  TF_Tensor* const x = call.Input(0);
  TF_Tensor* const w = call.Input(1);
  TF_Tensor* const bias = call.Input(2);
  const std::vector<int64_t> of_x = ShapeOf(x), of_w = ShapeOf(w);
  if (!call.Require(of_x.size() == 2 && of_w.size() == 2 && of_x[1] == of_w[0] && TF_TensorElementCount(bias) == of_w[1], "shapes differ")) return;
  const int64_t rows = of_x[0], length = of_w[0], columns = of_w[1];
  float* const y = call.Output(0, {rows, columns});
  if (!call.Fine()) return;
  Ending ending;
  ending.bias = Call::Floats(bias);
  ending.relu = relu;
  const Product product = {{Call::Floats(x), length, 1}, {Call::Floats(w), columns, 1}, length, columns, y, ending};
  MultiplyAll(context, *products, {{&product, rows, products->panel}});
}

void ComputeGradient(void* op, TF_OpKernelContext* context) {
  const auto& [relu, wants_dx, products] = *static_cast<Kernel*>(op);
  Call call(context);
  TF_Tensor* const gradient = call.Input(0);
  TF_Tensor* const input = call.Input(1);
  TF_Tensor* const weights = call.Input(2);
  const std::vector<int64_t> of_dy = ShapeOf(gradient), of_x = ShapeOf(input), of_w = ShapeOf(weights);
  if (!call.Require(of_dy.size() == 2 && of_x.size() == 2 && of_dy[0] == of_x[0], "dy and x have as many rows")) return;
  const int64_t rows = of_x[0], inputs = of_x[1], outputs = of_dy[1];
  if (!call.Require(!wants_dx || of_w == std::vector<int64_t>{inputs, outputs}, "w has the columns of x and dy")) return;
  float* const dw = call.Output(0, {inputs, outputs});
  float* const dbias = call.Output(1, {outputs});
  float* const dx = call.Output(2, {wants_dx ? rows : 0, inputs});
  if (!call.Fine()) return;
  const float* const dy = Call::Floats(gradient);
  const float* const x = Call::Floats(input);
  Ending to_sum, to_mask;
  to_sum.sums = dbias;
  to_mask.mask = relu ? x : nullptr;
  const Product for_w = {{x, 1, inputs}, {dy, outputs, 1}, rows, outputs, dw, to_sum};
  const Product for_x = {{dy, outputs, 1}, {Call::Floats(weights), 1, outputs}, outputs, inputs, dx, to_mask};
  MultiplyAll(context, *products, {{&for_w, inputs, products->panel}, {&for_x, wants_dx ? rows : 0, products->panel}});
}

void InferUnknown(TF_ShapeInferenceContext* shapes, TF_Status* status) { TF_ShapeInferenceContextSetUnknownShape(shapes, status); }

bool RegisterDense(const char* name, std::initializer_list<const char*> inputs, std::initializer_list<const char*> outputs,
                   void (*compute)(void*, TF_OpKernelContext*)) {
  return onecycle::Register(name, inputs, outputs, {"relu: bool = false", "wants_dx: bool = true"}, {InferUnknown, Create, compute, Delete});
}

const bool registered =
    RegisterDense("OnecycleDense", {"x: float", "w: float", "bias: float"}, {"y: float"}, Compute) &&
    RegisterDense("OnecycleDenseGrad", {"dy: float", "x: float", "w: float"}, {"dw: float", "dbias: float", "dx: float"}, ComputeGradient);

}  // namespace
