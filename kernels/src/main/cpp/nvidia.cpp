#include "nvidia.hpp"

#include <dlfcn.h>
#include <link.h>

#include <stdexcept>
#include <string>

#include "library_places.hpp"

namespace hone {
namespace {

// Of the driver API, as cuda.h of the toolkit declares it.
constexpr int NO_DEVICE = 100;
constexpr int CAPABILITY_MAJOR = 75, CAPABILITY_MINOR = 76;

struct Driver {
  void* library = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);

  template <typename... Arguments>
  int call(const char* name, Arguments... arguments) {
    auto function = reinterpret_cast<int (*)(Arguments...)>(dlsym(library, name));
    if (function == nullptr) throw std::runtime_error(std::string("the NVIDIA driver has no function ") + name);
    return function(arguments...);
  }

  template <typename... Arguments>
  void require(const char* name, Arguments... arguments) {
    if (const int status = call(name, arguments...); status != 0) {
      const char* reason = nullptr;
      call("cuGetErrorString", status, &reason);
      throw std::runtime_error(std::string("the NVIDIA driver does not work: ") + name + " says " +
                               (reason == nullptr ? std::to_string(status) : reason));
    }
  }
};

std::string listed, found;

}  // namespace

const char* list_gpus() {
  Driver driver;
  if (driver.library == nullptr) throw std::runtime_error("there is no NVIDIA driver: libcuda.so.1 is not found");
  if (const int status = driver.call("cuInit", 0u); status == NO_DEVICE) {
    throw std::runtime_error("the NVIDIA driver lists no GPU");
  } else if (status != 0) {
    driver.require("cuInit", 0u);
  }
  int cuda = 0, count = 0;
  driver.require("cuDriverGetVersion", &cuda);
  driver.require("cuDeviceGetCount", &count);
  listed = std::to_string(cuda / 1000) + "." + std::to_string(cuda % 1000 / 10) + "\n";
  for (int i = 0; i < count; i++) {
    int gpu = 0, major = 0, minor = 0;
    char name[256] = {};
    size_t bytes = 0;
    driver.require("cuDeviceGet", &gpu, i);
    driver.require("cuDeviceGetName", name, static_cast<int>(sizeof name), gpu);
    driver.require("cuDeviceGetAttribute", &major, CAPABILITY_MAJOR, gpu);
    driver.require("cuDeviceGetAttribute", &minor, CAPABILITY_MINOR, gpu);
    driver.require("cuDeviceTotalMem_v2", &bytes, gpu);
    listed += std::string(name) + "\t" + std::to_string(major) + "." + std::to_string(minor) + "\t" +
              std::to_string(bytes) + "\n";
  }
  return listed.c_str();
}

const char* find_cuda_library(const char* name) {
  for (const std::string& place : library_places(name)) {
    void* library = dlopen(place.c_str(), RTLD_LAZY | RTLD_LOCAL);
    if (library == nullptr) continue;
    link_map* map = nullptr;
    found = dlinfo(library, RTLD_DI_LINKMAP, &map) == 0 ? map->l_name : place;
    dlclose(library);
    return found.c_str();
  }
  return nullptr;
}

}  // namespace hone
