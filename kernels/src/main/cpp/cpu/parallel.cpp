// The threads. Who calls never waits for one that the system has not yet given a processor: it does the work alone
// then. OpenMP's teams begin and end together, which costs milliseconds wherever other programs run too.
#include "parallel.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace hone::HONE_VARIANT {
namespace {

constexpr int SPINS = 4000;  // some 50 microseconds, more than lies between the operations of a step

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

thread_local bool working = false;  // on behalf of parallel() already

class Pool {
 public:
  void run(int team, int64_t tasks, Work work, void* context) {
    std::unique_lock<std::mutex> alone(one_at_a_time_, std::defer_lock);
    if (working || !alone.try_lock()) {
      for (int64_t task = 0; task < tasks; task++) work(context, task);
      return;
    }
    while (workers_ < team - 1) std::thread(&Pool::serve, this, workers_++).detach();
    tasks_ = tasks;
    work_ = work;
    context_ = context;
    helpers_ = team - 1;
    next_ = 0;
    failure_ = nullptr;
    open_ = true;
    job_++;
    if (sleepers_ > 0) {
      std::lock_guard<std::mutex> guard(sleep_);
      wake_.notify_all();
    }
    take_tasks();
    open_ = false;
    while (inside_ > 0) pause();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void take_tasks() {
    working = true;
    try {
      for (int64_t task; (task = next_.fetch_add(1)) < tasks_;) work_(context_, task);
    } catch (...) {
      std::lock_guard<std::mutex> guard(sleep_);
      failure_ = std::current_exception();
    }
    working = false;
  }

  void serve(int number) {
    for (uint64_t seen = 0;; seen = wait_for_job(seen)) {
      // Announced before looking: either the caller sees us inside, or we see that it has closed.
      inside_++;
      if (open_ && number < helpers_) take_tasks();
      inside_--;
    }
  }

  uint64_t wait_for_job(uint64_t seen) {
    for (int i = 0; i < SPINS; i++) {
      if (job_ != seen) return job_;
      pause();
    }
    std::unique_lock<std::mutex> guard(sleep_);
    sleepers_++;
    wake_.wait(guard, [&] { return job_ != seen; });
    sleepers_--;
    return job_;
  }

  std::mutex one_at_a_time_, sleep_;
  std::condition_variable wake_;
  std::atomic<uint64_t> job_{0};
  std::atomic<int> sleepers_{0}, inside_{0};
  std::atomic<bool> open_{false};
  std::atomic<int64_t> next_{0};
  std::exception_ptr failure_;
  int workers_ = 0, helpers_ = 0;
  int64_t tasks_ = 0;
  Work work_ = nullptr;
  void* context_ = nullptr;
};

}  // namespace

void run_tasks(int team, int64_t tasks, Work work, void* context) {
  static Pool& pool = *new Pool;  // its threads live as long as the process
  pool.run(team, tasks, work, context);
}

}  // namespace hone::HONE_VARIANT
