#include "thread.hpp"

#include <sys/resource.h>

namespace hone {

bool lower_thread_priority() {
  // Linux has a priority for each thread, and 0 is the one that asks; elsewhere it would be the whole process.
#if defined(__linux__)
  return setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + 3) == 0;
#else
  return false;
#endif
}

}  // namespace hone
