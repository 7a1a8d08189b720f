#include "model/explore/page.hpp"

#include <nlohmann/json.hpp>

#include "model/explore/page_assets.hpp"

namespace m3sim::explore {
namespace {

/// JSON inside a script element: no "</script>" and no "<!--" in it.
std::string escaped(const std::string& json) {
  std::string text;
  for (const char c : json) {
    if (c == '<')
      text += "\\u003c";
    else
      text += c;
  }
  return text;
}

std::string script(std::string_view code) {
  return "<script>\n" + std::string(code) + "\n</script>\n";
}

}  // namespace

std::string page_html(const nlohmann::ordered_json& data) {
  std::string html = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  html +=
      "<meta name=\"viewport\" content=\"width=device-width\">\n<link rel=\"icon\" "
      "href=\"data:,\">\n";
  html += "<title>m3sim</title>\n<style>\n";
  html += std::string(page_asset("page.css")) + "</style>\n</head>\n<body>\n";
  html += std::string(page_asset("page.html"));
  html += "<script type=\"application/json\" id=\"data\">" + escaped(data.dump()) + "</script>\n";
  html += "<!--\nThe next script is D3:\n" + std::string(page_asset("d3-licence.txt")) + "-->\n";
  for (const char* name : {"d3.min.js", "base.js", "points.js", "task.js", "main.js"})
    html += script(page_asset(name));
  return html + "</body>\n</html>\n";
}

}  // namespace m3sim::explore
