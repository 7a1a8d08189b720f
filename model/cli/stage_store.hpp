// The stage tensors and routings that a run keeps for --dump, --check and --record-routing.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/accelerator/stages.hpp"
#include "model/network/routing.hpp"
#include "model/report/check_record.hpp"

namespace m3sim::cli {

/// What --dump, --check and --record-routing keep of each task's first image.
class StageStore {
 public:
  explicit StageStore(bool keep_tensors)
      : keep_(keep_tensors),
        reader_([this](StageTensor stage) { tensors_[task_].push_back(std::move(stage)); }) {}

  void on_step(const Step& step, Accelerator& accelerator);

  const std::map<int, std::vector<StageTensor>>& tensors() const { return tensors_; }
  const Routing& routing() const { return routing_; }

 private:
  bool keep_;
  int image_ = -1, task_ = 0;
  bool recording_ = false;
  StageReader reader_;
  std::map<int, std::vector<StageTensor>> tensors_;
  Routing routing_;
};

/// Writes each task's tensors to `directory`, or with several tasks to a folder each in it.
void write_dumps(const std::string& directory, const NetworkConfig& network,
                 const StageStore& store);

/// Compares every stage with the golden model, each from the hardware's own input, and the last
/// layer also with the golden model running by itself. `routing_given`: the run's routing was not
/// the gates'.
std::vector<report::CheckRecord> check_stages(const NetworkConfig& network,
                                              const Parameters& parameters, const Image& image,
                                              const StageStore& store, bool routing_given);

}  // namespace m3sim::cli
