#include "model/explore/store_reader.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "model/config/error.hpp"
#include "model/explore/store_format.hpp"

namespace m3sim::explore {
namespace {

namespace fs = std::filesystem;

/// A path as SQLite's URI.
std::string uri(const std::string& path, const char* options) {
  std::string text = "file:";
  for (const char c : path) {
    constexpr const char* kHex = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = std::string_view("?#%").find(c) == std::string_view::npos;
    text += plain ? std::string(1, c) : std::string{'%', kHex[byte >> 4], kHex[byte & 15]};
  }
  return text + options;
}

}  // namespace

bool StoreReader::is_store(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, 15> start{};
  return file.read(start.data(), start.size()) &&
         std::string_view(start.data(), start.size()) == "SQLite format 3";
}

StoreReader::StoreReader(const std::string& path) : path_(path), database_(nullptr, sqlite3_close) {
  open();
  const auto pragma = [&](const std::string& name) { return rows("PRAGMA " + name).at(0).at(0); };
  if (pragma("application_id") != std::to_string(kStoreApplication)) {
    throw InputError(path, "is no store of m3sim");
  }
  if (pragma("user_version") != std::to_string(kStoreFormat)) {
    throw InputError(path, "is a store of another version of m3sim");
  }
  const std::string fault = pragma("quick_check(1)");
  if (fault != "ok") throw InputError(path, "is damaged: " + fault.substr(0, fault.find('\n')));
  std::vector<std::string> keys;
  std::string columns;
  for (const Row& row : rows("SELECT name FROM pragma_table_info('points') ORDER BY cid")) {
    if (row[0].find('.') == std::string::npos) continue;
    keys.push_back(row[0]);
    columns += ", \"" + row[0] + "\"";
  }
  for (Row& row : rows("SELECT hash, inputs, message, state" + columns + " FROM points")) {
    Point point{row[0], row[1], row[2], state_of(row[3]), {}};
    for (std::size_t k = 0; k < keys.size(); ++k) point.keys[keys[k]] = std::move(row[4 + k]);
    points_.push_back(std::move(point));
  }
}

StoreReader::~StoreReader() = default;

void StoreReader::open() {
  // A store in a folder that cannot be written has no room for SQLite's shared memory: such a one
  // does not change while it is read.
  for (const char* options : {"?mode=ro", "?mode=ro&immutable=1"}) {
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(uri(path_, options).c_str(), &opened,
                                     SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr);
    database_.reset(opened);
    if (code == SQLITE_OK && sqlite3_exec(opened, "SELECT count(*) FROM sqlite_master", nullptr,
                                          nullptr, nullptr) == SQLITE_OK) {
      return;
    }
  }
  throw InputError(path_, sqlite3_errmsg(database_.get()));
}

std::vector<StoreReader::Row> StoreReader::rows(const std::string& sql,
                                                const std::string& bound) const {
  sqlite3_stmt* prepared = nullptr;
  int code = sqlite3_prepare_v2(database_.get(), sql.c_str(), -1, &prepared, nullptr);
  const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(prepared, sqlite3_finalize);
  if (code == SQLITE_OK && !bound.empty()) {
    sqlite3_bind_text(prepared, 1, bound.data(), static_cast<int>(bound.size()), SQLITE_TRANSIENT);
  }
  std::vector<Row> rows;
  while (code == SQLITE_OK || code == SQLITE_ROW) {
    code = sqlite3_step(prepared);
    if (code != SQLITE_ROW) break;
    rows.emplace_back();
    for (int c = 0; c < sqlite3_column_count(prepared); ++c) {
      const void* data = sqlite3_column_blob(prepared, c);
      rows.back().emplace_back(static_cast<const char*>(data == nullptr ? "" : data),
                               static_cast<std::size_t>(sqlite3_column_bytes(prepared, c)));
    }
  }
  if (code != SQLITE_DONE) throw InputError(path_, sqlite3_errmsg(database_.get()));
  return rows;
}

nlohmann::ordered_json StoreReader::report(const std::string& hash) const {
  const std::vector<Row> found = rows("SELECT size, report FROM reports WHERE hash = ?", hash);
  nlohmann::ordered_json report;
  if (!found.empty()) {
    report = nlohmann::ordered_json::parse(expanded(found[0][1], std::stoll(found[0][0])), nullptr,
                                           false);
  }
  if (!report.is_object()) {
    throw InputError(path_, "is damaged: the report of point " + hash + " cannot be read");
  }
  return report;
}

void StoreReader::copy_to(const std::string& path) const {
  const std::string partial = path + ".partial";
  std::error_code fault;
  fs::remove(partial, fault);
  try {
    rows("VACUUM INTO ?", partial);
  } catch (const InputError& error) {
    fs::remove(partial, fault);
    throw InputError(path, std::string("cannot be written: ") + error.what());
  }
  fs::rename(partial, path, fault);
  if (fault) throw InputError(path, "cannot be written (" + fault.message() + ")");
}

}  // namespace m3sim::explore
