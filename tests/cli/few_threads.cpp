// For LD_PRELOAD: a system that lets no more than $VAEC_TEST_THREADS threads live beside the first.
#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <memory>

namespace {

std::atomic<int> living = 0;

struct Routine {
  void* (*function)(void*);
  void* argument;
};

void* run(void* given) {
  const std::unique_ptr<Routine> routine(static_cast<Routine*>(given));
  void* const result = routine->function(routine->argument);
  --living;
  return result;
}

}  // namespace

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*function)(void*),
                              void* argument) {
  static const auto real = reinterpret_cast<decltype(&pthread_create)>(dlsym(RTLD_NEXT, "pthread_create"));
  const char* most = std::getenv("VAEC_TEST_THREADS");
  if (++living > (most != nullptr ? std::atoi(most) : 0)) {
    --living;
    return EAGAIN;
  }
  auto routine = std::make_unique<Routine>(Routine{function, argument});
  const int error = real(thread, attributes, run, routine.get());
  if (error == 0) {
    static_cast<void>(routine.release());
  } else {
    --living;
  }
  return error;
}
