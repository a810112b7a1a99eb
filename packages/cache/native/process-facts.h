// What V8's own checks leave out and an entry must match all the same: which program this is, and whether WebAssembly
// memory accesses are guarded by a trap handler or by checks in the code.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#if defined(__linux__)
#include <elf.h>
#include <link.h>
#include <signal.h>
#endif

namespace lockgate {

#if defined(__linux__)

inline int AppendBuildId(dl_phdr_info* object, size_t, void* result) {
  constexpr size_t kAlign = 4;
  const auto padded = [](size_t n) { return (n + kAlign - 1) & ~(kAlign - 1); };
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr)& header = object->dlpi_phdr[i];
    if (header.p_type != PT_NOTE) continue;
    const char* at = reinterpret_cast<const char*>(object->dlpi_addr + header.p_vaddr);
    const char* const end = at + header.p_memsz;
    while (at + sizeof(ElfW(Nhdr)) <= end) {
      const auto* note = reinterpret_cast<const ElfW(Nhdr)*>(at);
      const char* name = at + sizeof(*note);
      const char* id = name + padded(note->n_namesz);
      if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0) {
        for (size_t k = 0; k < note->n_descsz; k++) {
          char hex[3];
          std::snprintf(hex, sizeof(hex), "%02x", static_cast<unsigned char>(id[k]));
          static_cast<std::string*>(result)->append(hex);
        }
        return 1;
      }
      at = id + padded(note->n_descsz);
    }
  }
  return 1;  // the first object is the program itself; libraries do not count
}

inline std::string BuildId() {
  std::string id;
  dl_iterate_phdr(AppendBuildId, &id);
  return id;
}

// Whether code without bounds checks is safe here: the memory that starts at `base` is followed by the reserved
// pages V8 leaves for the trap handler, and a handler for SIGSEGV is installed.
enum class Traps { kUnknown, kNone, kHandled };

inline Traps TrapHandlerState(const char* base, size_t used) {
  constexpr uint64_t kReserved = (uint64_t{4} << 30) - (1 << 20);
  struct sigaction action;
  std::FILE* maps = std::fopen("/proc/self/maps", "re");
  if (!maps || sigaction(SIGSEGV, nullptr, &action) != 0) {
    if (maps) std::fclose(maps);
    return Traps::kUnknown;
  }
  const auto behind = reinterpret_cast<uintptr_t>(base) + used;
  bool reserved = false;
  char line[512], mode[5];
  unsigned long from, to;
  while (std::fgets(line, sizeof(line), maps)) {
    if (std::sscanf(line, "%lx-%lx %4s", &from, &to, mode) != 3 || behind < from || behind >= to) continue;
    reserved = to - behind >= kReserved && std::strncmp(mode, "---", 3) == 0;
    break;
  }
  std::fclose(maps);
  const bool handler = (action.sa_flags & SA_SIGINFO) ? action.sa_sigaction != nullptr : action.sa_handler != SIG_DFL;
  return reserved && handler ? Traps::kHandled : Traps::kNone;
}

#else

enum class Traps { kUnknown, kNone, kHandled };
inline std::string BuildId() { return {}; }
inline Traps TrapHandlerState(const char*, size_t) { return Traps::kUnknown; }

#endif

}  // namespace lockgate
