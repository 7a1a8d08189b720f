#include "model/timing/deadlock.hpp"

#include <algorithm>

namespace m3sim::timing {
namespace {

/// One wait of one process, and the process that would have to move first (null: the memory system,
/// or ended).
struct Edge {
  const Process* from;
  Wait wait;
  const Process* to;
};

const char* what(Wait::Kind kind) {
  switch (kind) {
    case Wait::Kind::kInput: return "a value in stream ";
    case Wait::Kind::kOutput: return "a free slot in stream ";
    case Wait::Kind::kReadRequest: return "room for a read request in ";
    case Wait::Kind::kReadData: return "read data from ";
    case Wait::Kind::kWriteRequest: return "room for a write request in ";
    case Wait::Kind::kWriteData: return "room for write data in ";
    case Wait::Kind::kWriteResponse: return "a write response from ";
    case Wait::Kind::kNothing: break;
  }
  return "its start";
}

std::string target(const Wait& wait) {
  return wait.stream ? wait.stream->name() : wait.channel ? wait.channel->name() : "";
}

const Process* other_end(const Region& region, const Wait& wait) {
  if (!wait.stream) return nullptr;
  for (const auto& process : region.processes())
    if (wait.kind == Wait::Kind::kInput ? process->writes_to(*wait.stream)
                                        : process->reads_from(*wait.stream))
      return process.get();
  return nullptr;
}

std::vector<Edge> edges_of(const Region& region) {
  std::vector<Edge> edges;
  for (const auto& process : region.processes())
    for (const Wait& wait : process->waits())
      edges.push_back({process.get(), wait, other_end(region, wait)});
  return edges;
}

std::string describe(const Edge& edge) {
  std::string text = edge.from->name() + " waits for " + what(edge.wait.kind) + target(edge.wait) +
                     " since cycle " + std::to_string(edge.wait.since);
  if (edge.to) {
    text += edge.wait.kind == Wait::Kind::kInput ? ", written by " : ", read by ";
    text += edge.to->name();
    if (!edge.to->running()) text += " (not running)";
  }
  return text;
}

/// The first loop in the graph of waits, its start repeated at the end; empty if there is none. A
/// process with parallel pipelines has several waits, so the search goes back and tries the next
/// one.
class LoopSearch {
 public:
  explicit LoopSearch(const std::vector<Edge>& edges) : edges_(edges) {}
  std::vector<const Process*> find() {
    for (const Edge& edge : edges_)
      if (visit(edge.from)) return path_;
    return {};
  }

 private:
  bool visit(const Process* process) {
    const auto seen = std::find(path_.begin(), path_.end(), process);
    if (seen != path_.end()) {
      path_.erase(path_.begin(), seen);
      path_.push_back(process);
      return true;
    }
    if (std::find(done_.begin(), done_.end(), process) != done_.end()) return false;
    path_.push_back(process);
    for (const Edge& edge : edges_)
      if (edge.from == process && edge.to && visit(edge.to)) return true;
    path_.pop_back();
    done_.push_back(process);
    return false;
  }
  const std::vector<Edge>& edges_;
  std::vector<const Process*> path_, done_;
};

}  // namespace

Cycle last_move(const std::vector<const Region*>& regions) {
  Cycle last = 0;
  for (const Region* region : regions)
    for (const auto& process : region->processes()) last = std::max(last, process->last_move());
  return last;
}

std::string describe_deadlock(const std::vector<const Region*>& regions, Cycle cycle) {
  std::string text = "deadlock: nothing can proceed after cycle " + std::to_string(cycle);
  for (const Region* region : regions) {
    if (!region->running()) continue;
    const std::vector<Edge> edges = edges_of(*region);
    text +=
        "\nregion " + region->name() + ", started in cycle " + std::to_string(region->started());
    for (const Edge& edge : edges) text += "\n  " + describe(edge);
    const std::vector<const Process*> loop = LoopSearch(edges).find();
    if (loop.empty()) continue;
    text += "\n  loop of waits: ";
    for (std::size_t i = 0; i < loop.size(); ++i) text += (i ? " -> " : "") + loop[i]->name();
  }
  return text;
}

}  // namespace m3sim::timing
