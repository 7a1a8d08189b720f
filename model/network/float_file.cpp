#include "model/network/float_file.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "model/config/error.hpp"

namespace m3sim {
namespace {

static_assert(std::endian::native == std::endian::little, "tensor files are little-endian");

// Where and how a file holds its values.
struct Layout {
  Shape shape;
  std::size_t data_offset = 0;  // bytes
  std::size_t item_bytes = sizeof(float);
  bool fortran_order = false;
};

std::size_t file_bytes(const std::filesystem::path& file) {
  std::error_code failed;
  const auto bytes = std::filesystem::file_size(file, failed);
  if (failed) throw InputError(file.string(), "cannot be read (" + failed.message() + ")");
  return bytes;
}

// Text after `'key':` in a NumPy header, which is the text of a Python dictionary.
std::string_view header_value(std::string_view header, std::string_view key) {
  const std::size_t at = header.find("'" + std::string(key) + "'");
  if (at == std::string_view::npos) return {};
  const std::size_t colon = header.find(':', at);
  if (colon == std::string_view::npos) return {};
  const std::size_t begin = header.find_first_not_of(' ', colon + 1);
  return begin == std::string_view::npos ? std::string_view{} : header.substr(begin);
}

std::optional<Shape> parse_shape(std::string_view text) {
  const std::size_t end = text.find(')');
  if (text.empty() || text.front() != '(' || end == std::string_view::npos) return std::nullopt;
  Shape shape;
  const char* at = text.data() + 1;
  const char* const last = text.data() + end;
  while (at != last) {
    if (*at == ' ' || *at == ',') {
      ++at;
      continue;
    }
    int extent = 0;
    const auto [next, error] = std::from_chars(at, last, extent);
    if (error != std::errc{} || extent < 0) return std::nullopt;
    shape.push_back(extent);
    at = next;
  }
  return shape;
}

Layout parse_npy_header(std::string_view header, const std::string& name) {
  Layout layout;
  const std::string_view type = header_value(header, "descr");
  if (type.starts_with("'<f4'")) {
    layout.item_bytes = sizeof(float);
  } else if (type.starts_with("'<f8'")) {
    layout.item_bytes = sizeof(double);
  } else {
    throw InputError(name, "its type is " + std::string(type.substr(0, type.find(','))) +
                               ", expected '<f4' or '<f8' (little-endian float32 or float64)");
  }
  const std::string_view order = header_value(header, "fortran_order");
  const std::optional<Shape> shape = parse_shape(header_value(header, "shape"));
  if (!shape || !(order.starts_with("True") || order.starts_with("False"))) {
    throw InputError(name, "not a NumPy file (its header names no shape or order)");
  }
  layout.fortran_order = order.starts_with("True");
  layout.shape = *shape;
  return layout;
}

Layout npy_layout(std::ifstream& in, const std::string& name, std::size_t bytes) {
  unsigned char prefix[12] = {};
  in.read(reinterpret_cast<char*>(prefix), sizeof prefix);
  if (!in || std::memcmp(prefix, "\x93NUMPY", 6) != 0 || prefix[6] < 1 || prefix[6] > 3) {
    throw InputError(name, "not a NumPy file of format 1.0 to 3.0");
  }
  const bool short_length = prefix[6] == 1;  // two bytes, four in later formats
  std::size_t length = prefix[8] | static_cast<std::size_t>(prefix[9]) << 8;
  if (!short_length) {
    length |= static_cast<std::size_t>(prefix[10]) << 16 | static_cast<std::size_t>(prefix[11])
                                                               << 24;
  }
  const std::size_t begin = short_length ? 10 : 12;
  if (begin + length > bytes) throw InputError(name, "ends within its NumPy header");
  std::string header(length, '\0');
  in.seekg(static_cast<std::streamoff>(begin));
  in.read(header.data(), static_cast<std::streamsize>(length));
  Layout layout = parse_npy_header(header, name);
  layout.data_offset = begin + length;
  return layout;
}

template <class T>
std::vector<T> read_items(std::ifstream& in, const std::string& name, std::size_t offset,
                          std::size_t count) {
  std::vector<T> items(count);
  in.seekg(static_cast<std::streamoff>(offset));
  in.read(reinterpret_cast<char*>(items.data()), static_cast<std::streamsize>(count * sizeof(T)));
  if (!in) throw InputError(name, "cannot be read to its end");
  return items;
}

std::vector<float> read_values(std::ifstream& in, const std::string& name, const Layout& layout,
                               std::size_t first, std::size_t count) {
  const std::size_t offset = layout.data_offset + first * layout.item_bytes;
  if (layout.item_bytes == sizeof(float)) return read_items<float>(in, name, offset, count);
  const std::vector<double> wide = read_items<double>(in, name, offset, count);
  std::vector<float> values(wide.size());
  for (std::size_t i = 0; i < wide.size(); ++i) values[i] = static_cast<float>(wide[i]);
  return values;
}

// Values in C order of a tensor that is stored with its first index fastest.
std::vector<float> from_fortran_order(const std::vector<float>& stored, const Shape& shape) {
  std::vector<float> values(stored.size());
  Shape index(shape.size(), 0);
  for (float& value : values) {
    std::size_t at = 0;
    for (std::size_t d = shape.size(); d-- > 0;) {
      at = at * static_cast<std::size_t>(shape[d]) + static_cast<std::size_t>(index[d]);
    }
    value = stored[at];
    for (std::size_t d = shape.size(); d-- > 0;) {
      if (++index[d] < shape[d]) break;
      index[d] = 0;
    }
  }
  return values;
}

void require_finite(const std::vector<float>& values, const std::string& name, std::size_t first) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      throw InputError(name, "value " + std::to_string(first + i) + " is " +
                                 (std::isnan(values[i]) ? "NaN" : "infinite"));
    }
  }
}

}  // namespace

std::vector<float> read_floats(const std::filesystem::path& file, const Shape& shape,
                               std::size_t first, std::size_t count) {
  const std::string name = file.string();
  const std::size_t bytes = file_bytes(file);
  std::ifstream in(file, std::ios::binary);
  if (!in) throw InputError(name, "cannot be opened");

  Layout layout;
  layout.shape = shape;
  if (file.extension() == ".npy") layout = npy_layout(in, name, bytes);
  if (layout.shape != shape) {
    throw InputError(name,
                     "its shape is " + to_string(layout.shape) + ", expected " + to_string(shape));
  }
  const std::size_t expected = layout.data_offset + element_count(shape) * layout.item_bytes;
  if (bytes != expected) {
    throw InputError(name, "has " + std::to_string(bytes) + " bytes, expected " +
                               std::to_string(expected) + " (" +
                               (layout.item_bytes == sizeof(float) ? "float32 " : "float64 ") +
                               to_string(shape) + ")");
  }
  std::vector<float> values;
  if (layout.fortran_order && shape.size() > 1) {
    const std::vector<float> all =
        from_fortran_order(read_values(in, name, layout, 0, element_count(shape)), shape);
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first);
    values.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
  } else {
    values = read_values(in, name, layout, first, count);
  }
  require_finite(values, name, first);
  return values;
}

std::vector<float> read_floats(const std::filesystem::path& file, const Shape& shape) {
  return read_floats(file, shape, 0, element_count(shape));
}

}  // namespace m3sim
