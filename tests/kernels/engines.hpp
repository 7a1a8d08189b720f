// Whole engines on plain tensors, built from the actors in any number family.
#pragma once

#include <vector>

#include "model/kernels/attention_out.hpp"
#include "model/kernels/layer_norm.hpp"
#include "model/kernels/linear.hpp"
#include "model/kernels/patch_embedding.hpp"
#include "model/kernels/queues.hpp"
#include "model/kernels/residual.hpp"
#include "model/kernels/task_embedding.hpp"
#include "tests/kernels/untimed.hpp"

namespace m3sim::kernels::test {

using Values = std::vector<std::int32_t>;

inline Values pack_halves(const Values& halves) {
  Values lanes((halves.size() + 1) / 2);
  for (std::size_t i = 0; i < halves.size(); ++i)
    lanes[i / 2] |= static_cast<std::int32_t>((static_cast<std::uint32_t>(halves[i]) & 0xffffU)
                                              << (16 * (i % 2)));
  return lanes;
}

inline Values pack_bytes(const Values& bytes) {
  Values lanes((bytes.size() + 3) / 4);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    lanes[i / 4] |=
        static_cast<std::int32_t>((static_cast<std::uint32_t>(bytes[i]) & 0xffU) << (8 * (i % 4)));
  return lanes;
}

/// One use of the linear unit.
struct LinearCase {
  LinearShape shape;
  int tokens = 1;  // of the tensors
  int ins = 16;
  int outs = 16;
  bool gelu = false;
  bool attention_bias = false;
  int slice_rows = 0;  // rows of a slice; 0: all
  // Indirect: (token, score) entries.
  bool indirect = false;
  bool scaled = false;
  Values queue_tokens, queue_scores;
};

/// y of `out` after W x + b. `out` holds what was there before.
template <class N>
Values linear(const LinearCase& c, const Values& x, const Values& weights, const Values& biases,
              const Values& out) {
  const LinearShape& s = c.shape;
  const int f = s.features;
  auto ceil = [](int a, int b) { return (a + b - 1) / b; };
  const int rows = c.slice_rows > 0 ? c.slice_rows : c.outs;
  const int in_blocks = ceil(c.ins, s.in_tile), out_blocks = ceil(rows, s.out_tile);
  const int length = c.indirect ? int(c.queue_tokens.size()) : c.tokens;
  Dram<N> x_dram(f, x), w_dram(f, pack_halves(weights)), b_dram(f, pack_halves(biases)),
      y_dram(f, out);
  const int bank_tiles = in_blocks * out_blocks;
  Store<N, typename N::I32> cache(c.ins / s.halves(), s.out_tile * f),
      bias(2 * out_blocks * 8, s.out_tile), kept(in_blocks, s.in_tile),
      queues(std::max(1, length) + 3, 2);
  Store<N, typename N::I16> tiles(2 * bank_tiles + 16, s.in_tile * s.out_tile);
  for (std::size_t i = 0; i < c.queue_tokens.size(); ++i) {
    queues.set(2 * (i + 3), c.queue_tokens[i]);
    queues.set(2 * (i + 3) + 1, c.queue_scores[i]);
  }
  using Index = typename N::Index;
  for (int row = 0; row < c.outs; row += rows) {
    const int count = std::min(rows, c.outs - row);
    Network<N> load, compute;
    for (auto* n : {&load, &compute}) {
      n->own(cache), n->own(bias), n->own(kept), n->own(tiles);
    }
    WeightLoad<N> weight_load(s, cache.handle(), tiles.handle());
    typename WeightLoad<N>::Params wp;
    wp.first_word = Index(row * c.ins / s.halves());
    wp.rows = Index(count);
    wp.row_words = Index(c.ins / s.halves());
    wp.first_tile = Index(bank_tiles);
    weight_load.start(wp);
    load.add(weight_load, {}, {}, {&w_dram}, {});
    BiasLoad<N> bias_load(s, bias.handle());
    typename BiasLoad<N>::Params bp;
    bp.first_word = Index(row / s.halves());
    bp.words = Index(ceil(count, s.halves()));
    bp.attention = c.attention_bias ? N::yes() : N::no();
    bp.first_block = Index(8);
    bias_load.start(bp);
    load.add(bias_load, {}, {}, {&b_dram}, {});
    load.run();

    LinearCompute<N> mac(s, kept.handle(), tiles.handle(), bias.handle());
    typename LinearCompute<N>::Params mp;
    mp.tokens = Index(length);
    mp.in_blocks = Index(in_blocks);
    mp.out_blocks = Index(ceil(count, s.out_tile));
    mp.gelu = c.gelu ? N::yes() : N::no();
    mp.first_tile = Index(bank_tiles);
    mp.first_block = Index(8);
    mac.start(mp);
    auto *in = compute.fifo(), *index = compute.fifo(), *result = compute.fifo();
    compute.add(mac, {in}, {result}, {}, {});
    const int slice_words = count / f, slice_first = row / f;
    const TransferShape reading{f, s.in_tile, s.single}, writing{f, s.out_tile, s.single};
    ReadItems<N> read(reading);
    WriteItems<N> write(writing);
    ReadIndirect<N> read_queue(s, queues.handle());
    WriteIndirect<N> write_queue(s, queues.handle());
    if (c.indirect) {
      typename ReadIndirect<N>::Params rp;
      rp.first_entry = Index(3);
      rp.length = Index(length);
      rp.token_words = Index(c.ins / f);
      read_queue.start(rp);
      compute.add(read_queue, {}, {in, index}, {&x_dram}, {});
      typename WriteIndirect<N>::Params op;
      op.first_word = Index(slice_first);
      op.first_entry = Index(3);
      op.length = Index(length);
      op.row_words = Index(slice_words);
      op.row_stride = Index(c.outs / f);
      op.scaled = c.scaled ? N::yes() : N::no();
      write_queue.start(op);
      compute.add(write_queue, {result, index}, {}, {&y_dram}, {&y_dram});
    } else {
      read.start(reading.template tokens<N>(0, c.tokens, c.ins / f, c.ins / f));
      compute.add(read, {}, {in}, {&x_dram}, {});
      write.start(writing.template tokens<N>(slice_first, c.tokens, slice_words, c.outs / f));
      compute.add(write, {result}, {}, {}, {&y_dram});
    }
    compute.run();
  }
  return y_dram.values();
}

/// Attention of one layer: stored scores [block][key][slot], info, output.
struct AttentionResult {
  Values scores, info, out;
};

template <class N>
AttentionResult attention(const AttentionShape& s, int tokens, std::int32_t scale, const Values& q,
                          const Values& k, const Values& v) {
  const int f = s.features, words = s.token_words();
  using Index = typename N::Index;
  using I32 = typename N::I32;
  const int items = s.scores(tokens);
  const TransferShape token_transfer{f, f, false}, score_transfer{f, s.score_lanes(), false},
      info_transfer{f, s.info_lanes(), false};
  const auto info_rows = info_transfer.template packed<N>(0, tokens);
  const auto score_rows = score_transfer.template packed<N>(0, items);
  Dram<N> q_dram(f, q), k_dram(f, k), v_dram(f, v), out_dram(f, std::size_t(tokens) * words),
      score_dram(f, std::size_t(number(score_rows.row_words))),
      info_dram(f, std::size_t(number(info_rows.row_words)));
  auto params = BlockLoop<N>::Params::of(tokens, s.rows);
  params.scale = I32(scale);
  const auto token_rows = token_transfer.template tokens<N>(0, tokens, words, words);
  {
    Network<N> net;
    Store<N, I32> rows(words, s.rows * f);
    net.own(rows);
    auto *qs = net.fifo(), *ks = net.fifo(), *logits = net.fifo(), *scores = net.fifo(),
         *info = net.fifo();
    ReadTokens<N> read_q(token_transfer);
    read_q.start(token_rows);
    ReadRotated<N> read_k(s);
    read_k.start(params);
    QxK<N> product(s, rows.handle());
    product.start(params);
    Finalize<N> finalize(s);
    finalize.start(params);
    WriteScores<N> write_scores(score_transfer);
    write_scores.start(score_rows);
    WriteSoftmaxInfo<N> write_info(info_transfer);
    write_info.start(info_rows);
    net.add(read_q, {}, {qs}, {&q_dram}, {});
    net.add(read_k, {}, {ks}, {&k_dram}, {});
    net.add(product, {qs, ks}, {logits}, {}, {});
    net.add(finalize, {logits}, {scores, info}, {}, {});
    net.add(write_scores, {scores}, {}, {}, {&score_dram});
    net.add(write_info, {info}, {}, {}, {&info_dram});
    net.run();
  }
  Network<N> net;
  Store<N, I32> sums(words, s.rows * f);
  net.own(sums);
  auto *vs = net.fifo(), *scores = net.fifo(), *packed = net.fifo(), *info = net.fifo(),
       *out = net.fifo();
  ReadRotated<N> read_v(s);
  read_v.start(params);
  ReadScores<N> read_scores(score_transfer);
  read_scores.start(score_rows);
  ReadSoftmaxInfo<N> read_info(info_transfer);
  read_info.start(info_rows);
  Prepare<N> prepare(s);
  typename Prepare<N>::Params pp;
  pp.items = Index(items);
  prepare.start(pp);
  AttnxV<N> product(s, sums.handle());
  product.start(params);
  WriteTokens<N> write(token_transfer);
  write.start(token_rows);
  net.add(read_v, {}, {vs}, {&v_dram}, {});
  net.add(read_scores, {}, {scores}, {&score_dram}, {});
  net.add(read_info, {}, {info}, {&info_dram}, {});
  net.add(prepare, {scores}, {packed}, {}, {});
  net.add(product, {packed, info, vs}, {out}, {}, {});
  net.add(write, {out}, {}, {}, {&out_dram});
  net.run();
  return {score_dram.values(), info_dram.values(), out_dram.values()};
}

/// Layer norm: output and, per token, mean, mean square, variance with epsilon, reciprocal
/// deviation.
struct LayerNormResult {
  Values out, statistics;
};

template <class N>
LayerNormResult layer_norm(int features, int tokens, int width, const Values& x,
                           const Values& scale, const Values& shift) {
  const LayerNormShape s{features, width / features};
  using Index = typename N::Index;
  Dram<N> x_dram(features, x), scale_dram(features, pack_halves(scale)),
      shift_dram(features, pack_halves(shift)), out(features, std::size_t(tokens) * s.words);
  Store<N, typename N::I16> scales(s.words, features), shifts(s.words, features);
  Store<N, typename N::I32> buffer(2 * s.words, features), sums(2, 2);
  Network<N> load;
  load.own(scales), load.own(shifts);
  LoadNorms<N> load_scale(s, scales.handle()), load_shift(s, shifts.handle());
  load_scale.start({Index(0)});
  load_shift.start({Index(0)});
  load.add(load_scale, {}, {}, {&scale_dram}, {});
  load.add(load_shift, {}, {}, {&shift_dram}, {});
  load.run();
  Values statistics;
  for (int t = 0; t < tokens; ++t) {
    typename NormAccumulate<N>::Params p{Index(t * s.words), Index(t % 2)};
    Network<N> first, second;
    first.own(buffer), first.own(sums), second.own(buffer);
    NormAccumulate<N> accumulate(s, buffer.handle(), sums.handle());
    accumulate.start(p);
    first.add(accumulate, {}, {}, {&x_dram}, {});
    first.run();
    NormOutput<N> output(s, buffer.handle(), sums.handle(), scales.handle(), shifts.handle());
    output.start(p);
    second.add(output, {}, {}, {}, {&out});
    second.run();
    for (auto v :
         {output.mean, accumulate.mean_square, output.variance, output.deviation_reciprocal})
      statistics.push_back(number(v));
  }
  return {out.values(), statistics};
}

template <class N>
Values add(const AddShape& s, const Values& x, const Values& y) {
  Dram<N> x_dram(s.features, x), y_dram(s.features, y);
  Network<N> net;
  Add<N> actor(s);
  typename Add<N>::Params p;
  p.words = typename N::Index(int(x.size()) / s.features);
  actor.start(p);
  net.add(actor, {}, {}, {&x_dram, &y_dram}, {&x_dram});
  net.run();
  return x_dram.values();
}

/// All that the gate leaves behind.
struct GateResult {
  Values logits;                               // [N][E]
  Values softmax;                              // [N] (sum, max)
  Values top_experts, top_logits, top_scores;  // [N][k]
  std::vector<Values> queue_tokens, queue_scores;
  Values active;
};

template <class N>
GateResult gate(const GateShape& s, int tokens, const Values& x, const Values& weights,
                const Values& task) {
  using Index = typename N::Index;
  const int f = s.features;
  Dram<N> x_dram(f, x), w_dram(f, pack_halves(weights));
  Store<N, typename N::I16> w_buffer(s.in_words(), s.experts * f);
  Store<N, typename N::I32> task_buffer(std::max(1, s.task_words), f),
      queues(s.experts * tokens, 2);
  for (std::size_t i = 0; i < task.size(); ++i) task_buffer.set(i, task[i]);
  Network<N> load;
  load.own(w_buffer);
  GateWeightLoad<N> weight_load(s, w_buffer.handle());
  weight_load.start({Index(0)});
  load.add(weight_load, {}, {}, {&w_dram}, {});
  load.run();
  GateState<N> state(s);
  QueueState<N> queue_state(s);
  MatVec<N> mat_vec(s, &state, w_buffer.handle(), task_buffer.handle());
  SoftmaxUpdate<N> softmax(s, &state);
  TopK<N> top_k(s, &state);
  ExpDivide<N> exp_divide(s, &state);
  WriteResults<N> write(s, &queue_state, queues.handle());
  write.start({Index(tokens)});
  Fifo<N> experts, scores;
  GateResult r;
  for (int t = 0; t < tokens; ++t) {
    Network<N> phase[4];
    const TransferShape reading{f, f, false};
    GateRead<N> read(reading);
    read.start(reading.template tokens<N>(t * s.words, 1, s.words, s.words));
    auto* words = phase[0].fifo();
    mat_vec.start(), softmax.start(), top_k.start(), exp_divide.start();
    phase[0].add(read, {}, {words}, {&x_dram}, {});
    phase[0].add(mat_vec, {words}, {}, {}, {});
    phase[1].add(softmax, {}, {}, {}, {});
    phase[2].add(top_k, {}, {}, {}, {});
    phase[3].add(exp_divide, {}, {&experts, &scores}, {}, {});
    for (auto& p : phase) p.run();
    for (int e = 0; e < s.experts; ++e) r.logits.push_back(number(state.logits[e]));
    r.softmax.push_back(number(state.softmax.sum));
    r.softmax.push_back(number(state.softmax.max));
    for (int j = 0; j < s.top_k; ++j) {
      r.top_experts.push_back(number(state.top_experts[j]));
      r.top_logits.push_back(number(state.top_logits[j]));
      r.top_scores.push_back(number(scores.back()[std::size_t(j)]));
    }
  }
  Network<N> results, meta_queue;
  results.own(queues);
  results.add(write, {&experts, &scores}, {}, {}, {});
  results.run();
  MetaQueue<N> meta(s, &queue_state);
  meta.start();
  meta_queue.add(meta, {}, {}, {}, {});
  meta_queue.run();
  for (int e = 0; e < s.experts; ++e) {
    r.queue_tokens.emplace_back();
    r.queue_scores.emplace_back();
    for (int i = 0; i < number(queue_state.lengths[e]); ++i) {
      const auto entry = 2 * std::size_t(e * tokens + i);
      r.queue_tokens.back().push_back(queues.value(entry));
      r.queue_scores.back().push_back(queues.value(entry + 1));
    }
  }
  for (int i = 0; i < number(queue_state.active_count); ++i)
    r.active.push_back(number(queue_state.active[i]));
  return r;
}

/// Tokens of an image [channel][y][x]; weights [feature][channel][y][x], position [1 +
/// patches][width].
template <class N>
Values patch_embedding(const PatchShape& s, int height, const Values& image, const Values& weights,
                       const Values& biases, const Values& position) {
  using Index = typename N::Index;
  const int f = s.features;
  Dram<N> i_dram(f, pack_bytes(image)), w_dram(f, pack_halves(weights)),
      b_dram(f, pack_halves(biases)), p_dram(f, position), out(f, position.size() / std::size_t(f));
  Store<N, typename N::I16> w_buffer(s.lines() * s.parts() * s.words, f * s.chunk()),
      b_buffer(s.words, f);
  Store<N, typename N::I32> rows(2 * s.groups() * s.words, s.patches_per_word() * f);
  Network<N> load;
  load.own(w_buffer), load.own(b_buffer);
  PatchWeightLoad<N> weight_load(s, w_buffer.handle());
  weight_load.start({Index(0)});
  PatchBiasLoad<N> bias_load(LayerNormShape{f, s.words}, b_buffer.handle());
  bias_load.start({Index(0)});
  load.add(weight_load, {}, {}, {&w_dram}, {});
  load.add(bias_load, {}, {}, {&b_dram}, {});
  load.run();
  for (int row = 0; row < height / s.patch; ++row) {
    Network<N> first, second;
    first.own(rows);
    auto* pixels = first.fifo();
    ReadPixels<N> read(s);
    read.start({Index(row * s.patch * s.line_words()), Index(height * s.line_words())});
    PatchAccumulate<N> accumulate(s, w_buffer.handle(), b_buffer.handle(), rows.handle());
    accumulate.start({Index(row % 2)});
    first.add(read, {}, {pixels}, {&i_dram}, {});
    first.add(accumulate, {pixels}, {}, {}, {});
    first.run();
    PatchOutput<N> output(s, rows.handle());
    const int word = (1 + row * s.columns()) * s.words;
    output.start({Index(word), Index(word), Index(row % 2)});
    second.add(output, {}, {}, {&p_dram}, {&out});
    second.run();
  }
  Network<N> last;
  const TransferShape t{f, f, false};
  ClassToken<N> class_token(t);
  const auto token = t.template tokens<N>(0, 1, s.words, s.words);
  class_token.start({token, token});
  last.add(class_token, {}, {}, {&p_dram}, {&out});
  last.run();
  return out.values();
}

template <class N>
Values task_embedding(const TaskEmbeddingShape& s, int task, const Values& bias1,
                      const Values& columns, const Values& bias2, const Values& weight2) {
  using Index = typename N::Index;
  Values all = bias1;
  for (const Values* v : {&columns, &bias2, &weight2}) all.insert(all.end(), v->begin(), v->end());
  Dram<N> dram(s.features, pack_halves(all));
  Store<N, typename N::I32> hidden(s.hidden_words(), s.halves()),
      out(s.outputs / s.features, s.features);
  Network<N> net;
  net.own(hidden), net.own(out);
  TaskEmbedding<N> actor(s, hidden.handle(), out.handle());
  const int bias2_word = int(bias1.size() + columns.size()) / s.halves();
  actor.start({Index(0), Index((1 + task) * s.hidden_words()), Index(bias2_word),
               Index(bias2_word + s.output_words())});
  net.add(actor, {}, {}, {&dram}, {});
  net.run();
  Values v;
  for (int i = 0; i < s.outputs; ++i) v.push_back(out.value(std::size_t(i)));
  return v;
}

}  // namespace m3sim::kernels::test
