// Opens an implementation of Kernels: a shared library with the C function hone_create.
#include "library.hpp"

#include <dlfcn.h>

#include <stdexcept>
#include <string>

namespace hone {

Kernels* open_library(const char* path, int device, int threads) {
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw std::runtime_error(dlerror());
  auto create = reinterpret_cast<Kernels* (*)(int, int)>(dlsym(library, "hone_create"));
  if (create == nullptr) throw std::runtime_error(dlerror());
  return create(device, threads);
}

}  // namespace hone
