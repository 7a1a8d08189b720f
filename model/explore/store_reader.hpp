// A store to read from alone: also one that cannot be written, or whose program had other keys.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "model/explore/store.hpp"

namespace m3sim::explore {

class StoreReader {
 public:
  struct Point {
    std::string hash, inputs, message;
    State state{};
    std::map<std::string, std::string> keys;
  };

  /// True for an SQLite file.
  static bool is_store(const std::string& path);

  /// Throws InputError for a file that is no store, is damaged, or has another format.
  explicit StoreReader(const std::string& path);
  ~StoreReader();

  const std::string& path() const { return path_; }
  const std::vector<Point>& points() const { return points_; }
  /// kept_report() of a point that is done. Throws InputError.
  nlohmann::ordered_json report(const std::string& hash) const;
  /// Writes the whole store to a file, beside first. Throws InputError.
  void copy_to(const std::string& path) const;

 private:
  using Row = std::vector<std::string>;
  std::vector<Row> rows(const std::string& sql, const std::string& bound = {}) const;
  void open();

  std::string path_;
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> database_;
  std::vector<Point> points_;
};

}  // namespace m3sim::explore
