// A host with OpenMP loops of its own: they have as many threads after each call as before it.
#include <omp.h>

#include <cstdio>
#include <cstdlib>
#include <vaec/vaec.hpp>

int main() {
  constexpr int kMine = 3;
  omp_set_num_threads(kMine);
  const auto codec = vaec::Codec::load(vaec::find_model("photo"));
  vaec::Image image{640, 480, 3};
  image.samples.assign(640 * 480 * 3, 100);
  const auto file = codec->compress(image, {.effort = 3, .threads = 1});
  (void)codec->decompress(file, {.threads = 2});
  int found = 0;
#pragma omp parallel
#pragma omp single
  found = omp_get_num_threads();
  std::printf("%d threads\n", found);
  return omp_get_max_threads() == kMine && found == kMine ? EXIT_SUCCESS : EXIT_FAILURE;
}
