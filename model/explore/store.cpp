#include "model/explore/store.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "model/config/error.hpp"
#include "model/config/registry.hpp"
#include "model/explore/store_format.hpp"

namespace m3sim::explore {
namespace {

std::vector<std::string> point_columns() {
  std::vector<std::string> names{"hash",    "state",  "message", "version",
                                 "systemc", "inputs", "seconds"};
  for (const auto& key : Registry::instance().keys()) names.push_back(key->name());
  return names;
}

std::vector<std::string> result_columns() {
  std::vector<std::string> names{"hash", "position", "task", "image"};
  names.insert(names.end(), figure_names().begin(), figure_names().end());
  return names;
}

/// The first `plain` names with what `types` adds, the others as numbers where they look like one.
std::string declared(const std::vector<std::string>& names, const std::vector<std::string>& types) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += (i > 0 ? ", \"" : "\"") + names[i] + "\" " + (i < types.size() ? types[i] : "NUMERIC");
  }
  return text;
}

std::string insertion(const std::string& table, std::size_t columns) {
  std::string text = "INSERT OR REPLACE INTO " + table + " VALUES (?";
  for (std::size_t i = 1; i < columns; ++i) text += ", ?";
  return text + ")";
}

}  // namespace

/// A prepared statement.
class Store::Statement {
 public:
  Statement(Store& store, const std::string& sql) : store_(store) {
    if (sqlite3_prepare_v2(store.database_.get(), sql.c_str(), -1, &statement_, nullptr) !=
        SQLITE_OK) {
      store.fail(sqlite3_errmsg(store.database_.get()));
    }
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& start() {
    sqlite3_reset(statement_);
    bound_ = 0;
    return *this;
  }
  Statement& bind(const std::string& text) {
    sqlite3_bind_text(statement_, ++bound_, text.data(), static_cast<int>(text.size()),
                      SQLITE_TRANSIENT);
    return *this;
  }
  Statement& bind_bytes(const std::string& bytes) {
    sqlite3_bind_blob(statement_, ++bound_, bytes.data(), static_cast<int>(bytes.size()),
                      SQLITE_TRANSIENT);
    return *this;
  }
  Statement& bind(const Figure& figure) {
    ++bound_;
    if (const auto* whole = std::get_if<std::int64_t>(&figure)) {
      sqlite3_bind_int64(statement_, bound_, *whole);
    } else if (const auto* real = std::get_if<double>(&figure)) {
      sqlite3_bind_double(statement_, bound_, *real);
    } else {
      sqlite3_bind_null(statement_, bound_);
    }
    return *this;
  }
  /// True where there is a row.
  bool step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) {
      const std::string message = sqlite3_errmsg(store_.database_.get());
      sqlite3_reset(statement_);
      store_.fail(message);
    }
    sqlite3_reset(statement_);
    return false;
  }
  std::string text(int column) const {
    const unsigned char* text = sqlite3_column_text(statement_, column);
    return text == nullptr ? "" : reinterpret_cast<const char*>(text);
  }
  std::string bytes(int column) const {
    const void* data = sqlite3_column_blob(statement_, column);
    return {static_cast<const char*>(data),
            static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }
  Figure figure(int column) const {
    switch (sqlite3_column_type(statement_, column)) {
      case SQLITE_INTEGER: return sqlite3_column_int64(statement_, column);
      case SQLITE_FLOAT: return sqlite3_column_double(statement_, column);
      default: return {};
    }
  }

 private:
  Store& store_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

Store::Store(const std::string& path) : path_(path), database_(nullptr, sqlite3_close) {
  const bool is_new = !std::filesystem::exists(path);
  try {
    open();
  } catch (...) {
    database_.reset();
    std::error_code ignored;
    if (is_new) std::filesystem::remove(path, ignored);
    throw;
  }
  prepare();
}

void Store::open() {
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(path_.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  database_.reset(opened);
  if (code != SQLITE_OK) fail(opened == nullptr ? "out of memory" : sqlite3_errmsg(opened));
  sqlite3_busy_timeout(opened, 10'000);
  if (value("PRAGMA page_count") == "0") {
    create();
  } else {
    check_is_store("main", path_);
    if (sqlite3_db_readonly(opened, "main") != 0) fail("cannot be written");
  }
  execute("PRAGMA journal_mode = WAL");
  execute("PRAGMA synchronous = FULL");
}

void Store::prepare() {
  find_point_ =
      std::make_unique<Statement>(*this, "SELECT state, message FROM points WHERE hash = ?");
  find_results_ =
      std::make_unique<Statement>(*this, "SELECT * FROM results WHERE hash = ? ORDER BY position");
  add_point_ = std::make_unique<Statement>(*this, insertion("points", point_columns().size()));
  drop_results_ = std::make_unique<Statement>(*this, "DELETE FROM results WHERE hash = ?");
  add_result_ = std::make_unique<Statement>(*this, insertion("results", result_columns().size()));
  find_report_ =
      std::make_unique<Statement>(*this, "SELECT size, report FROM reports WHERE hash = ?");
  drop_report_ = std::make_unique<Statement>(*this, "DELETE FROM reports WHERE hash = ?");
  add_report_ = std::make_unique<Statement>(*this, insertion("reports", 3));
}

Store::~Store() = default;

void Store::fail(const std::string& message) const { throw InputError(path_, message); }

void Store::execute(const std::string& sql) {
  Statement statement(*this, sql);
  while (statement.step()) continue;
}

std::string Store::value(const std::string& sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.text(0) : "";
}

std::vector<std::string> Store::columns(const std::string& table) {
  std::vector<std::string> names;
  Statement statement(*this, "SELECT name FROM pragma_table_info(" + table + ") ORDER BY cid");
  while (statement.step()) names.push_back(statement.text(0));
  return names;
}

void Store::check_is_store(const std::string& schema, const std::string& path) {
  if (value("PRAGMA " + schema + ".application_id") != std::to_string(kStoreApplication)) {
    throw InputError(path, "is no store of m3sim");
  }
  if (value("PRAGMA " + schema + ".user_version") != std::to_string(kStoreFormat) ||
      columns("'points', '" + schema + "'") != point_columns() ||
      columns("'results', '" + schema + "'") != result_columns()) {
    throw InputError(path, "is a store of another version of m3sim, whose keys or figures differ");
  }
  const std::string fault = value("PRAGMA " + schema + ".quick_check(1)");
  if (fault != "ok") throw InputError(path, "is damaged: " + fault.substr(0, fault.find('\n')));
}

void Store::create() {
  execute("BEGIN IMMEDIATE");
  execute("PRAGMA application_id = " + std::to_string(kStoreApplication));
  execute("PRAGMA user_version = " + std::to_string(kStoreFormat));
  const std::string text = "TEXT NOT NULL";
  execute("CREATE TABLE points (" +
          declared(point_columns(), {"TEXT PRIMARY KEY", text, text, text, text, text, "REAL"}) +
          ") WITHOUT ROWID");
  execute("CREATE TABLE results (" +
          declared(result_columns(), {text + " REFERENCES points", "INTEGER", text, "INTEGER"}) +
          ", PRIMARY KEY (hash, position)) WITHOUT ROWID");
  execute(
      "CREATE TABLE reports (hash TEXT PRIMARY KEY REFERENCES points, size INTEGER, report BLOB)");
  execute("CREATE VIEW sweep AS SELECT * FROM points LEFT JOIN results USING (hash)");
  execute("COMMIT");
}

std::string Store::report_of(const std::string& hash) {
  Statement& found = find_report_->start().bind(hash);
  if (!found.step()) return {};
  const Figure size = found.figure(0);
  const auto* bytes = std::get_if<std::int64_t>(&size);
  const std::string report = bytes == nullptr ? "" : expanded(found.bytes(1), *bytes);
  found.start();
  if (report.empty()) fail("is damaged: the report of point " + hash + " cannot be read");
  return report;
}

std::optional<PointRow> Store::find(const std::string& hash, bool with_report) {
  Statement& point = find_point_->start().bind(hash);
  if (!point.step()) return std::nullopt;
  PointRow row;
  row.hash = hash;
  row.state = state_of(point.text(0));
  row.message = point.text(1);
  point.start();
  Statement& results = find_results_->start().bind(hash);
  while (results.step()) {
    constexpr int kFirstFigure = 4;
    TaskResult result{results.text(2), std::get<std::int64_t>(results.figure(3)), {}};
    for (std::size_t i = 0; i < figure_names().size(); ++i) {
      result.figures.push_back(results.figure(kFirstFigure + static_cast<int>(i)));
    }
    result.position = row.results.size();
    row.results.push_back(std::move(result));
  }
  if (with_report && !row.results.empty()) {
    row.report = report_of(hash);
    const auto report = std::make_shared<const nlohmann::ordered_json>(
        nlohmann::ordered_json::parse(row.report, nullptr, false));
    for (TaskResult& result : row.results) result.report = report;
  }
  return row;
}

void Store::record(const PointRow& point) {
  execute("BEGIN IMMEDIATE");
  try {
    add_point_->start().bind(point.hash).bind(state_name(point.state));
    add_point_->bind(point.message)
        .bind(point.version)
        .bind(point.systemc)
        .bind(point.inputs)
        .bind(Figure(point.seconds));
    for (const std::string& key : point.keys) add_point_->bind(key);
    add_point_->step();
    drop_results_->start().bind(point.hash).step();
    for (std::size_t i = 0; i < point.results.size(); ++i) {
      const TaskResult& result = point.results[i];
      add_result_->start().bind(point.hash).bind(Figure(static_cast<std::int64_t>(i)));
      add_result_->bind(result.task).bind(Figure(result.image));
      for (const Figure& figure : result.figures) add_result_->bind(figure);
      add_result_->step();
    }
    drop_report_->start().bind(point.hash).step();
    if (!point.report.empty()) {
      add_report_->start().bind(point.hash);
      add_report_->bind(Figure(static_cast<std::int64_t>(point.report.size())));
      add_report_->bind_bytes(compressed(point.report)).step();
    }
    execute("COMMIT");
  } catch (...) {
    // Already rolled back after some faults, such as a full disk.
    if (sqlite3_get_autocommit(database_.get()) == 0) {
      sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
    throw;
  }
}

void Store::merge(const std::string& path) {
  {
    Statement attach(*this, "ATTACH ? AS part");
    attach.start().bind(path).step();
  }
  check_is_store("part", path);
  const std::string both =
      "SELECT hash FROM main.points AS m JOIN part.points AS p USING (hash) "
      "WHERE m.state = 'done' AND p.state = 'done'";
  const std::string different =
      value("SELECT hash FROM (SELECT * FROM main.results WHERE hash IN (" + both +
            ") EXCEPT SELECT * FROM part.results) LIMIT 1");
  if (!different.empty()) {
    throw InputError(path, "holds other results than " + path_ + " for point " + different);
  }
  const auto rank = [](const std::string& table) {
    return "CASE " + table +
           ".state WHEN 'done' THEN 0 WHEN 'failed' THEN 1 WHEN 'rejected' THEN 2 ELSE 3 END";
  };
  execute("BEGIN IMMEDIATE");
  try {
    execute(
        "INSERT OR REPLACE INTO main.points SELECT * FROM part.points AS p WHERE NOT EXISTS "
        "(SELECT 1 FROM main.points AS m WHERE m.hash = p.hash AND " +
        rank("m") + " <= " + rank("p") + ")");
    execute("INSERT OR IGNORE INTO main.results SELECT * FROM part.results");
    execute("INSERT OR IGNORE INTO main.reports SELECT * FROM part.reports");
    execute("COMMIT");
  } catch (...) {
    if (sqlite3_get_autocommit(database_.get()) == 0) {
      sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
    throw;
  }
  execute("DETACH part");
}

}  // namespace m3sim::explore
