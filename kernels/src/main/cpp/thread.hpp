// What the system does for the calling thread alone, and Java has no call for.
#pragma once

namespace hone {

// Three steps of niceness: of a processor that another thread wants too, this one gets a third, and all of one that none
// does. False where the system refuses; nothing has changed then.
bool lower_thread_priority();

}  // namespace hone
