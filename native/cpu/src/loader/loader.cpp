// What JavaScript loads: a library without dependences, which says how OpenMP's threads wait and then opens the addon beside
// it. OpenMP reads its environment once, when it comes into the process, and a worker has only a copy of that to change.
//
// The addon is never closed: the executor's thread stays in its code after the last worker that used it is gone.
#include <node_api.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace {

/** Threads of other processes that run or want to, where the system tells: this one is among those it counts. */
int othersRunning() {
  std::FILE* file = std::fopen("/proc/loadavg", "r");
  if (file == nullptr) return 0;
  int running = 1;
  const int found = std::fscanf(file, "%*s %*s %*s %d/", &running);
  std::fclose(file);
  return found == 1 ? running - 1 : 0;
}

/**
 * How often OpenMP's threads look for work before they sleep: about 100 µs on a quiet machine, where sleeping would cost a
 * fifth of a small step. Where others compute, a thread that spins uses up its share of a core, and is then made to wait
 * for milliseconds when there is work; there it sleeps at once.
 */
const char* spinCount() {
  int least = 1;
  for (int i = 0; i < 4 && least > 0; i++) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    least = std::min(least, othersRunning());
  }
  return least > 0 ? "300" : "50000";
}

void setSpinCount() {
  constexpr const char* name = "GOMP_SPINCOUNT";
  if (std::getenv(name) != nullptr) return;
#ifdef _WIN32
  _putenv_s(name, spinCount());
#else
  setenv(name, spinCount(), 0);
#endif
}

/** The addon's first function, or why there is none. */
struct Opened {
  napi_addon_register_func start = nullptr;
  std::string reason;
};

constexpr const char* fileName = "antler_cpu.node";
constexpr const char* startName = "napi_register_module_v1";

#ifdef _WIN32
Opened open() {
  HMODULE self = nullptr;
  char path[MAX_PATH] = "";
  GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                     reinterpret_cast<LPCSTR>(&open), &self);
  GetModuleFileNameA(self, path, MAX_PATH);
  const std::string folder(path, std::string(path).find_last_of("\\/") + 1);
  const HMODULE library = LoadLibraryExA((folder + fileName).c_str(), nullptr, LOAD_WITH_ALTERED_SEARCH_PATH);
  if (library == nullptr) return {nullptr, "error " + std::to_string(GetLastError()) + " of Windows"};
  const auto start = reinterpret_cast<napi_addon_register_func>(GetProcAddress(library, startName));
  return {start, start == nullptr ? "it is no addon" : ""};
}
#else
Opened open() {
  Dl_info self;
  if (dladdr(reinterpret_cast<void*>(&open), &self) == 0) return {nullptr, "its folder is unknown"};
  const std::string path = self.dli_fname;
  void* library = dlopen((path.substr(0, path.find_last_of('/') + 1) + fileName).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return {nullptr, dlerror()};
  const auto start = reinterpret_cast<napi_addon_register_func>(dlsym(library, startName));
  return {start, start == nullptr ? "it is no addon" : ""};
}
#endif

}  // namespace

NAPI_MODULE_INIT() {
  static const Opened opened = [] {
    setSpinCount();
    return open();
  }();
  if (opened.start != nullptr) return opened.start(env, exports);
  napi_throw_error(env, nullptr, opened.reason.c_str());
  return nullptr;
}
