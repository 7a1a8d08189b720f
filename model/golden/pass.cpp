#include "model/golden/pass.hpp"

#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

namespace m3sim::golden {
namespace {

Matrix to_matrix(Eigen::Index rows, const std::vector<float>& values) {
  const auto columns = static_cast<Eigen::Index>(values.size()) / rows;
  using FloatMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const FloatMatrix>(values.data(), rows, columns).cast<double>();
}

Matrix to_matrix(Eigen::Index rows, const Tensor& tensor) {
  const auto columns = static_cast<Eigen::Index>(tensor.size()) / rows;
  using RawMatrix = Eigen::Matrix<std::int32_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const RawMatrix>(tensor.raw.data(), rows, columns).cast<double>() *
         std::ldexp(1.0, -tensor.fraction_bits);
}

}  // namespace

Pass::Pass(const Parameters& parameters, Precision precision, int task, const StageVisitor& visitor,
           ForcedRouting forced)
    : parameters_(parameters),
      dimensions_(parameters.dimensions()),
      precision_(precision),
      task_(task),
      visitor_(visitor),
      forced_(forced) {}

Matrix Pass::weight(ParameterKind kind, int layer) const {
  const ParameterId id{kind, layer, task_};
  const Eigen::Index rows = parameters_.spec(id).shape[0];
  return precision_ == Precision::kFloat ? to_matrix(rows, parameters_.floats(id))
                                         : to_matrix(rows, parameters_.quantized(id));
}

Vector Pass::bias(ParameterKind kind, int layer) const { return weight(kind, layer).col(0); }

Matrix Pass::expert_weight(ParameterKind kind, int layer, int expert) const {
  const ParameterId id{kind, layer, task_};
  const Eigen::Index rows = parameters_.spec(id).shape[1];
  return precision_ == Precision::kFloat ? to_matrix(rows, parameters_.floats(id, expert))
                                         : to_matrix(rows, parameters_.quantized(id, expert));
}

Vector Pass::expert_bias(ParameterKind kind, int layer, int expert) const {
  return expert_weight(kind, layer, expert).col(0);
}

Matrix Pass::stage(std::optional<int> layer, const std::string& name, Matrix own) {
  Shape shape = {static_cast<int>(own.rows()), static_cast<int>(own.cols())};
  return stage(layer, name, std::move(own), std::move(shape));
}

Matrix Pass::stage(std::optional<int> layer, const std::string& name, Matrix own, Shape shape,
                   std::size_t offset) {
  if (!visitor_) return own;
  const auto size = static_cast<std::size_t>(own.size());
  const std::string full = layer ? "l" + std::to_string(*layer) + "_" + name : name;
  const Tensor* given = visitor_({full, layer, shape, offset, {own.data(), size}});
  if (given == nullptr) return own;
  if (given->size() != element_count(shape)) {
    throw std::invalid_argument(full + ": given shape " + to_string(given->shape) + ", expected " +
                                to_string(shape));
  }
  const double lsb = std::ldexp(1.0, -given->fraction_bits);
  for (std::size_t i = 0; i < size; ++i) own.data()[i] = given->raw[offset + i] * lsb;
  return own;
}

Matrix Pass::patch_embedding(const Image& image) {
  const Dimensions& d = dimensions_;
  const Matrix pixels = precision_ == Precision::kFloat
                            ? to_matrix(d.image_channels * d.image_height, image.values)
                            : to_matrix(d.image_channels * d.image_height, image.quantized());
  Matrix patches(d.patches(), d.patch_inputs());  // one row per patch: channel, row, column
  const int columns = d.image_width / d.patch;
  for (int patch = 0; patch < d.patches(); ++patch) {
    const int top = patch / columns * d.patch;
    const int left = patch % columns * d.patch;
    for (int line = 0; line < d.image_channels * d.patch; ++line) {
      const int row = line / d.patch * d.image_height + top + line % d.patch;
      patches.row(patch).segment(line * d.patch, d.patch) = pixels.row(row).segment(left, d.patch);
    }
  }
  Matrix x = weight(ParameterKind::kPosEmbed, 0);
  x.bottomRows(d.patches()) +=
      linear(patches, weight(ParameterKind::kPatchWeight, 0), bias(ParameterKind::kPatchBias, 0));
  return stage(std::nullopt, "patch_embed", std::move(x));
}

Matrix Pass::layer(int layer, const Matrix& x) {
  stage(layer, "norm1_stats", layer_norm_stats(x));
  const Matrix norm1 = stage(layer, "norm1",
                             layer_norm(x, bias(ParameterKind::kNorm1Weight, layer),
                                        bias(ParameterKind::kNorm1Bias, layer)));
  const Matrix resid1 = stage(layer, "resid1", x + attention(layer, norm1));
  stage(layer, "norm2_stats", layer_norm_stats(resid1));
  const Matrix norm2 = stage(layer, "norm2",
                             layer_norm(resid1, bias(ParameterKind::kNorm2Weight, layer),
                                        bias(ParameterKind::kNorm2Bias, layer)));
  const Matrix ffn = dimensions_.is_moe(layer) ? experts(layer, norm2) : dense_mlp(layer, norm2);
  return stage(layer, "out", resid1 + ffn);
}

Matrix Pass::attention(int layer, const Matrix& x) {
  const Dimensions& d = dimensions_;
  const int tokens = d.tokens();
  const int head_width = d.head_width();
  const Matrix qkv =
      linear(x, weight(ParameterKind::kQkvWeight, layer), bias(ParameterKind::kQkvBias, layer));
  const Matrix q = stage(layer, "q", qkv.leftCols(d.width));
  const Matrix k = stage(layer, "k", qkv.middleCols(d.width, d.width));
  const Matrix v = stage(layer, "v", qkv.rightCols(d.width));

  const double scale = 1.0 / std::sqrt(static_cast<double>(head_width));
  const Shape shape = {d.heads, tokens, tokens};
  Matrix info(tokens, 2 * d.heads);
  Matrix out(tokens, d.width);
  for (int head = 0; head < d.heads; ++head) {
    const int column = head * head_width;
    const std::size_t offset = static_cast<std::size_t>(head) * element_count({tokens, tokens});
    Matrix logits(tokens, tokens);
    logits.noalias() =
        q.middleCols(column, head_width) * k.middleCols(column, head_width).transpose();
    logits = stage(layer, "attn_logits", logits * scale, shape, offset);
    Softmax attention = softmax(logits);
    info.col(2 * head) = attention.stats.col(0).cwiseInverse();
    info.col(2 * head + 1) = attention.stats.col(1);
    const Matrix probabilities =
        stage(layer, "attn_prob", std::move(attention.probabilities), shape, offset);
    out.middleCols(column, head_width).noalias() = probabilities * v.middleCols(column, head_width);
  }
  stage(layer, "softmax_info", std::move(info), {tokens, d.heads, 2});
  out = stage(layer, "attn_out", std::move(out));
  return stage(layer, "proj",
               linear(out, weight(ParameterKind::kProjWeight, layer),
                      bias(ParameterKind::kProjBias, layer)));
}

Matrix Pass::dense_mlp(int layer, const Matrix& x) {
  Matrix hidden =
      linear(x, weight(ParameterKind::kFc1Weight, layer), bias(ParameterKind::kFc1Bias, layer));
  gelu(hidden);
  hidden = stage(layer, "fc1_gelu", std::move(hidden));
  return stage(layer, "mlp",
               linear(hidden, weight(ParameterKind::kFc2Weight, layer),
                      bias(ParameterKind::kFc2Bias, layer)));
}

}  // namespace m3sim::golden
