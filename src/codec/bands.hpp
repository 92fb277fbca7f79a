// The bands that a picture's latent is cut into.
#pragma once

#include <omp.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cstdint>

#include "base/interrupt.hpp"
#include "bitstream/container.hpp"
#include "codec/threads.hpp"

namespace vaec::codec {

// 512 pixel rows a band: a small picture has one band, a large one enough for all threads.
inline constexpr int kBandRows = 32;

// The grids of a picture's latent and of its hyper-latent.
struct Grid {
  int rows, columns, hyper_rows, hyper_columns;
  explicit Grid(const bitstream::Header& header)
      : rows(static_cast<int>(bitstream::latent_cells(header.height))),
        columns(static_cast<int>(bitstream::latent_cells(header.width))),
        hyper_rows(static_cast<int>(bitstream::hyper_cells(header.height))),
        hyper_columns(static_cast<int>(bitstream::hyper_cells(header.width))) {}
};

// Several bands at the same time, each with its share of the threads. Throws Error kInterrupted.
template <typename Work>
void for_bands(int count, const Work& work_on_band) {
  const auto work = [&](int i) {
    base::throw_if_interrupted();
    work_on_band(i);
  };
  const int threads = std::max(1, omp_get_max_threads());
  if (count == 1 || threads == 1) {
    for (int i = 0; i < count; ++i) work(i);
    return;
  }
  // TBB warns on standard error when it is asked for more threads than there are cores.
  tbb::task_arena arena(std::min({count, threads, tbb::this_task_arena::max_concurrency()}));
  const int share = std::max(1, threads / count);
  arena.execute([&] {
    tbb::parallel_for(0, count, [&](int i) {
      const OpenMpThreads here(share);
      work(i);
    });
  });
}

// All of them, `at_once` at the same time.
template <typename Work>
void for_groups(std::uint32_t count, int at_once, const Work& work) {
  for (std::uint32_t first = 0; first < count; first += static_cast<std::uint32_t>(at_once)) {
    const auto group = std::min(count - first, static_cast<std::uint32_t>(at_once));
    for_bands(static_cast<int>(group), [&](int i) { work(first + static_cast<std::uint32_t>(i)); });
  }
}

}  // namespace vaec::codec
