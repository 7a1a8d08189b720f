#include "model/accelerator/memory_map.hpp"

#include <cstring>

#include "model/config/activations.hpp"

namespace m3sim {
namespace {

constexpr std::uint64_t kAlignment = 4096;

std::uint64_t rounded_up(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}

bool is_expert(ParameterKind kind) {
  return kind == ParameterKind::kExpertFc1Weight || kind == ParameterKind::kExpertFc1Bias ||
         kind == ParameterKind::kExpertFc2Weight || kind == ParameterKind::kExpertFc2Bias;
}

}  // namespace

MemoryMap::MemoryMap(const AcceleratorConfig& config)
    : word_bytes_(config.word.bytes()), specs_(parameter_specs(config.network)) {
  for (const auto& [tensor, word] : Words<DramTensor>::kTable)
    if (tensor != DramTensor::kWeights)
      activations_[static_cast<std::size_t>(tensor)] =
          reserve(static_cast<std::uint64_t>(activation_bytes(config, tensor)));
  activations_[static_cast<std::size_t>(DramTensor::kWeights)] = end_;
  for (const ParameterSpec& spec : specs_) place(spec);
}

std::uint64_t MemoryMap::reserve(std::uint64_t bytes) {
  const std::uint64_t address = end_;
  end_ += rounded_up(bytes, kAlignment);
  return address;
}

void MemoryMap::place(const ParameterSpec& spec) {
  Placement p;
  std::vector<int> shape = spec.shape;
  if (spec.id.kind == ParameterKind::kPatchWeight)
    shape = {shape[0], shape[1] * shape[2] * shape[3]};
  if (spec.id.kind == ParameterKind::kTaskFc1Weight) std::swap(shape[0], shape[1]);
  if (is_expert(spec.id.kind)) {
    p.parts = shape.front();
    shape.erase(shape.begin());
  }
  p.columns = shape.back();
  p.rows = shape.size() > 1 ? shape.front() : 1;
  const std::uint64_t value_bytes = spec.format.width_bits == 32 ? 4 : 2;
  p.row_bytes = rounded_up(static_cast<std::uint64_t>(p.columns) * value_bytes,
                           static_cast<std::uint64_t>(word_bytes_));
  p.part_bytes = p.row_bytes * static_cast<std::uint64_t>(p.rows);
  p.address = reserve(p.part_bytes * static_cast<std::uint64_t>(p.parts));
  placements_.emplace(spec.id, p);
}

TensorRef MemoryMap::parameter(const ParameterId& id, int part, int row) const {
  const Placement& p = placements_.at(id);
  // A row of a vector is one of its values.
  const std::uint64_t row_bytes = p.rows > 1 ? p.row_bytes : 2;
  return {DramTensor::kWeights,
          p.address + static_cast<std::uint64_t>(part) * p.part_bytes +
              static_cast<std::uint64_t>(row) * row_bytes,
          0};
}

namespace {

/// `count` values, `step` apart, as words of type Word.
template <class Word>
[[gnu::always_inline]] inline void pack(const std::int32_t* from, std::size_t step,
                                        std::size_t count, std::uint8_t* to) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto word = static_cast<Word>(from[i * step]);
    std::memcpy(to + i * sizeof word, &word, sizeof word);
  }
}

}  // namespace

std::vector<std::uint8_t> MemoryMap::packed(const ParameterSpec& spec, const Tensor& part) const {
  const Placement& p = placements_.at(spec.id);
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(p.part_bytes));
  const bool by_columns = spec.id.kind == ParameterKind::kTaskFc1Weight;
  const std::size_t columns = static_cast<std::size_t>(p.columns);
  const std::size_t rows = static_cast<std::size_t>(p.rows);
  const std::size_t row_step = by_columns ? 1 : columns, step = by_columns ? rows : 1;
  for (std::size_t r = 0; r < rows; ++r) {
    const std::int32_t* from = part.raw.data() + r * row_step;
    std::uint8_t* to = bytes.data() + r * p.row_bytes;
    if (spec.format.width_bits == 32)
      pack<std::int32_t>(from, step, columns, to);
    else if (step == 1)
      pack<std::int16_t>(from, 1, columns, to);
    else
      pack<std::int16_t>(from, step, columns, to);
  }
  return bytes;
}

void MemoryMap::load_parameters(const Parameters& parameters, tlm_mem::MemorySystem& memory) const {
  for (const ParameterSpec& spec : specs_) {
    const Placement& p = placements_.at(spec.id);
    for (int part = 0; part < p.parts; ++part) {
      const Tensor values = is_expert(spec.id.kind) ? parameters.quantized(spec.id, part)
                                                    : parameters.quantized(spec.id);
      const std::vector<std::uint8_t> bytes = packed(spec, values);
      memory.load(p.address + static_cast<std::uint64_t>(part) * p.part_bytes, bytes.data(),
                  bytes.size());
    }
  }
}

void MemoryMap::load_image(const Image& image, tlm_mem::MemorySystem& memory) const {
  const Tensor pixels = image.quantized();
  std::vector<std::uint8_t> bytes(pixels.size());
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(pixels.raw[i]);
  memory.load(address(DramTensor::kImage), bytes.data(), bytes.size());
}

}  // namespace m3sim
