// Where everything lies in the modelled DRAM, and how parameters are packed there.
#pragma once
#include <cstdint>
#include <map>
#include <vector>

#include "model/config/accelerator_config.hpp"
#include "model/engines/operation.hpp"
#include "model/network/image.hpp"
#include "model/network/parameters.hpp"
#include "tlm/memory_system.hpp"

namespace m3sim {

/// Activations are Q10.22 in 32-bit lanes, parameters 16-bit halves (position embedding: 32 bits),
/// pixels bytes. A matrix is stored row by row, each row padded to whole bus words; of a tensor
/// with experts, each expert's part. The first matrix of the task MLP is stored by columns (one per
/// task). Tensors start at multiples of 4 KiB.
class MemoryMap {
 public:
  explicit MemoryMap(const AcceleratorConfig& config);

  /// Bytes from address 0 to the end of the last tensor.
  std::uint64_t bytes() const { return end_; }
  std::uint64_t address(DramTensor tensor) const {
    return activations_[static_cast<std::size_t>(tensor)];
  }
  TensorRef ref(DramTensor tensor, std::uint32_t written_by) const {
    return {tensor, address(tensor), written_by};
  }
  /// A parameter, from row `row` (of a matrix or vector: 0) of part `part` (expert) on.
  TensorRef parameter(const ParameterId& id, int part = 0, int row = 0) const;

  /// Writes every parameter through the memory system's debug transport.
  void load_parameters(const Parameters& parameters, tlm_mem::MemorySystem& memory) const;
  void load_image(const Image& image, tlm_mem::MemorySystem& memory) const;

 private:
  struct Placement {
    std::uint64_t address = 0, part_bytes = 0, row_bytes = 0;
    int parts = 1, rows = 1, columns = 1;
  };
  std::uint64_t reserve(std::uint64_t bytes);
  void place(const ParameterSpec& spec);
  std::vector<std::uint8_t> packed(const ParameterSpec& spec, const Tensor& part) const;

  int word_bytes_;
  std::uint64_t end_ = 0;
  std::array<std::uint64_t, kTensorCount> activations_{};
  std::vector<ParameterSpec> specs_;
  std::map<ParameterId, Placement> placements_;
};

}  // namespace m3sim
