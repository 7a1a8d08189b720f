// The part of JSON Schema that report.schema.json uses.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace m3sim::report::test {

/// Checks type, enum, required, properties, additionalProperties = false, items and local $ref.
class SchemaValidator {
 public:
  explicit SchemaValidator(nlohmann::json schema) : schema_(std::move(schema)) {}

  /// Every violation, with the place in the document.
  std::vector<std::string> violations(const nlohmann::json& document) const {
    std::vector<std::string> found;
    check(document, schema_, "", found);
    return found;
  }

 private:
  using Json = nlohmann::json;

  static bool has_type(const Json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    if (type == "boolean") return value.is_boolean();
    throw std::invalid_argument("schema names an unknown type " + type);
  }

  void check(const Json& value, const Json& schema, const std::string& at,
             std::vector<std::string>& found) const {
    if (schema.contains("$ref")) {
      const std::string reference = schema["$ref"];
      return check(value, schema_.at(Json::json_pointer(reference.substr(1))), at, found);
    }
    if (schema.contains("type") && !has_type(value, schema["type"])) {
      found.push_back(at + " must be of type " + schema["type"].get<std::string>());
      return;
    }
    if (schema.contains("enum")) {
      const Json& values = schema["enum"];
      if (std::find(values.begin(), values.end(), value) == values.end()) {
        found.push_back(at + " = " + value.dump() + " is not in the enumeration");
      }
    }
    if (value.is_object()) check_members(value, schema, at, found);
    if (value.is_array() && schema.contains("items")) {
      for (std::size_t i = 0; i < value.size(); ++i) {
        check(value[i], schema["items"], at + "/" + std::to_string(i), found);
      }
    }
  }

  void check_members(const Json& value, const Json& schema, const std::string& at,
                     std::vector<std::string>& found) const {
    for (const std::string name : schema.value("required", Json::array())) {
      if (!value.contains(name)) found.push_back(at + "/" + name + " is missing");
    }
    const Json properties = schema.value("properties", Json::object());
    const bool closed = schema.value("additionalProperties", true) == false;
    for (const auto& [name, member] : value.items()) {
      if (properties.contains(name)) {
        check(member, properties[name], at + "/" + name, found);
      } else if (closed) {
        found.push_back(at + "/" + name + " is not allowed");
      }
    }
  }

  Json schema_;
};

}  // namespace m3sim::report::test
