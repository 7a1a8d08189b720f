// The arithmetic of the accelerator in straightforward loops over whole tensors: what the kernels
// must compute, without tiles, words, streams or rows in flight. Raw integers; activations Q10.22.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "model/kernels/gelu.hpp"

namespace m3sim::kernels::reference {

using Values = std::vector<std::int32_t>;

inline std::int32_t wrap(std::int64_t v) {
  return static_cast<std::int32_t>(static_cast<std::uint64_t>(v));
}

inline std::int32_t exp(std::int32_t x) {
  const long double v = std::floor(std::exp(static_cast<long double>(x) / 4194304.0L) * 4194304.0L);
  return v >= 2147483647.0L ? 2147483647 : static_cast<std::int32_t>(v);
}

inline std::int32_t quotient(std::int64_t numerator, std::int64_t denominator) {
  return denominator == 0 ? 0 : wrap(numerator / denominator);
}

inline std::int32_t gelu(std::int32_t x) {
  const std::int64_t a = x < 0 ? -std::int64_t(x) : x, relu = x < 0 ? 0 : x;
  if (a >= 11 << 21) return std::int32_t(relu);
  const auto i = a >> 17;
  const std::int64_t low = GeluTable<>::kDelta[i], high = GeluTable<>::kDelta[i + 1];
  const std::int64_t t = (a << 5) & ((1 << 22) - 1);
  return wrap(relu - (((low << 22) + t * (high - low)) >> 22));
}

/// y[t] = W x[t] + b; bias_shift is 22 less the fraction bits of the bias.
inline Values linear(const Values& x, const Values& w, const Values& b, int bias_shift, int ins,
                     int outs, bool use_gelu) {
  Values y;
  for (std::size_t t = 0; t < x.size() / std::size_t(ins); ++t)
    for (int o = 0; o < outs; ++o) {
      std::int64_t acc = std::int64_t(b[std::size_t(o)]) * (1 << bias_shift);
      for (int i = 0; i < ins; ++i)
        acc += (std::int64_t(x[t * std::size_t(ins) + std::size_t(i)]) *
                w[std::size_t(o * ins + i)]) >>
               14;
      y.push_back(use_gelu ? gelu(wrap(acc)) : wrap(acc));
    }
  return y;
}

struct Softmax {
  std::int32_t sum = 0, max = std::numeric_limits<std::int32_t>::min();
  void add(std::int32_t s) {
    if (s <= max) {
      sum = wrap(std::int64_t(sum) + exp(wrap(std::int64_t(s) - max)));
    } else {
      const std::int64_t e = exp(wrap(std::int64_t(max) - s));
      sum = wrap(std::int64_t(wrap((sum * e) >> 22)) + (1 << 22));
      max = s;
    }
  }
};

struct Attention {
  Values logits;  // [head][q][k]
  Values info;    // [q][head] (1 / sum, max)
  Values out;     // [q][width]
};

inline Attention attention(const Values& q, const Values& k, const Values& v, int tokens, int heads,
                           int head_width, int block, int rows, std::int64_t scale) {
  const int width = heads * head_width;
  auto at = [&](const Values& m, int t, int d) {
    return std::int64_t(m[std::size_t(t * width + d)]);
  };
  Attention r;
  r.logits.resize(std::size_t(heads * tokens * tokens));
  r.info.resize(std::size_t(tokens * heads * 2));
  r.out.resize(std::size_t(tokens * width));
  for (int h = 0; h < heads; ++h)
    for (int i = 0; i < tokens; ++i) {
      std::int32_t* row = &r.logits[std::size_t((h * tokens + i) * tokens)];
      for (int j = 0; j < tokens; ++j) {
        std::int64_t logit = 0;
        for (int d = h * head_width; d < (h + 1) * head_width; d += block) {
          std::int64_t p = 0;
          for (int b = d; b < d + block; ++b) p += (at(q, i, b) * at(k, j, b)) >> 22;
          logit += wrap((wrap(p) * scale) >> 22);
        }
        row[j] = wrap(logit);
      }
      Softmax s;
      for (int j = 0; j < tokens; ++j) s.add(row[(i % rows + j) % tokens]);
      const std::int32_t reciprocal = quotient(std::int64_t(1) << 44, s.sum);
      r.info[std::size_t((i * heads + h) * 2)] = reciprocal;
      r.info[std::size_t((i * heads + h) * 2 + 1)] = s.max;
      for (int d = h * head_width; d < (h + 1) * head_width; ++d) {
        std::int64_t sum = 0;
        for (int j = 0; j < tokens; ++j) {
          const std::int64_t e = exp(wrap(std::int64_t(row[j]) - s.max));
          sum += (std::int64_t(wrap((e * reciprocal) >> 22)) * at(v, j, d)) >> 22;
        }
        r.out[std::size_t(i * width + d)] = wrap(sum);
      }
    }
  return r;
}

struct Gate {
  Values experts, scores;  // [token][k]
};

inline Gate gate(const Values& x, const Values& task, const Values& w, int width, int experts,
                 int top_k) {
  Gate r;
  const auto ins = std::size_t(width) + task.size();
  for (std::size_t t = 0; t < x.size() / std::size_t(width); ++t) {
    Values in(x.begin() + std::ptrdiff_t(t) * width, x.begin() + std::ptrdiff_t(t + 1) * width);
    in.insert(in.end(), task.begin(), task.end());
    const Values logits = linear(in, w, Values(std::size_t(experts)), 0, int(ins), experts, false);
    Softmax s;
    for (std::int32_t l : logits) s.add(l);
    Values order;
    for (int e = 0; e < experts; ++e) order.push_back(e);
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return logits[std::size_t(a)] > logits[std::size_t(b)]; });
    for (int j = 0; j < top_k; ++j) {
      const int e = order[std::size_t(j)];
      r.experts.push_back(e);
      r.scores.push_back(quotient(
          std::int64_t(exp(wrap(std::int64_t(logits[std::size_t(e)]) - s.max))) << 22, s.sum));
    }
  }
  return r;
}

inline Values layer_norm(const Values& x, const Values& scale, const Values& shift, int width) {
  Values y;
  for (std::size_t t = 0; t < x.size(); t += std::size_t(width)) {
    std::int64_t mean = 0, square = 0;
    for (int d = 0; d < width; ++d) {
      const std::int64_t v = x[t + std::size_t(d)], part = wrap((v * ((1 << 22) / width)) >> 22);
      mean = wrap(mean + part);
      square = wrap(square + wrap((v * part) >> 22));
    }
    const std::int64_t variance = wrap(square - wrap((mean * mean) >> 22) + 4);
    std::int64_t root = 0;
    if (variance > 0) {
      root = std::int64_t(std::sqrt(double(variance) * 4194304.0));
      while ((2 * root + 1) * (2 * root + 1) <= variance << 24) ++root;
      while ((2 * root - 1) * (2 * root - 1) > variance << 24) --root;
    }
    const std::int64_t r = quotient(std::int64_t(1) << 44, root);
    for (int d = 0; d < width; ++d) {
      const std::int64_t n = wrap((wrap(x[t + std::size_t(d)] - mean) * r) >> 22);
      y.push_back(wrap(wrap((n * scale[std::size_t(d)]) >> 11) +
                       std::int64_t(shift[std::size_t(d)]) * 2048));
    }
  }
  return y;
}

inline Values patch_embedding(const Values& image, const Values& w, const Values& b,
                              const Values& position, int channels, int height, int width,
                              int patch, int features) {
  Values tokens(position.begin(), position.begin() + features);
  for (int py = 0; py < height / patch; ++py)
    for (int px = 0; px < width / patch; ++px)
      for (int d = 0; d < features; ++d) {
        std::int64_t acc = std::int64_t(b[std::size_t(d)]) * 2048;
        for (int c = 0; c < channels; ++c)
          for (int y = 0; y < patch; ++y)
            for (int x = 0; x < patch; ++x) {
              const int pixel =
                  image[std::size_t((c * height + py * patch + y) * width + px * patch + x)];
              acc += (pixel * w[std::size_t(((d * channels + c) * patch + y) * patch + x)]) >> 2;
            }
        tokens.push_back(wrap(acc + position[tokens.size()]));
      }
  return tokens;
}

/// Seeded test data.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  /// `count` values of -2^(bits - 1) ... 2^(bits - 1) - 1.
  Values values(std::size_t count, int bits) {
    Values v;
    for (std::size_t i = 0; i < count; ++i)
      v.push_back(static_cast<std::int32_t>(static_cast<std::int64_t>(engine_()) >> (64 - bits)));
    return v;
  }
  Values pixels(std::size_t count) {
    Values v;
    for (std::size_t i = 0; i < count; ++i) v.push_back(static_cast<std::int32_t>(engine_() >> 56));
    return v;
  }
  int below(int limit) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(limit)); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace m3sim::kernels::reference
