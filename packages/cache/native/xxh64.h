// XXH64 with seed 0, after the published specification (xxHash fast digest algorithm, section "XXH64").
// It finds accidents, not attacks: whoever can write an entry can also write its checksum.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace lockgate {

inline uint64_t Xxh64(const uint8_t* at, size_t size) {
  constexpr uint64_t kP1 = 0x9E3779B185EBCA87, kP2 = 0xC2B2AE3D27D4EB4F, kP3 = 0x165667B19E3779F9;
  constexpr uint64_t kP4 = 0x85EBCA77C2B2AE63, kP5 = 0x27D4EB2F165667C5;
  const auto read64 = [](const uint8_t* p) { uint64_t v; std::memcpy(&v, p, 8); return v; };
  const auto read32 = [](const uint8_t* p) { uint32_t v; std::memcpy(&v, p, 4); return v; };
  const auto round = [](uint64_t lane, uint64_t input) { return std::rotl(lane + input * kP2, 31) * kP1; };

  const uint8_t* const end = at + size;
  uint64_t hash = kP5;
  if (size >= 32) {
    uint64_t a = kP1 + kP2, b = kP2, c = 0, d = 0 - kP1;
    for (; at + 32 <= end; at += 32) {
      a = round(a, read64(at));
      b = round(b, read64(at + 8));
      c = round(c, read64(at + 16));
      d = round(d, read64(at + 24));
    }
    hash = std::rotl(a, 1) + std::rotl(b, 7) + std::rotl(c, 12) + std::rotl(d, 18);
    for (const uint64_t lane : {a, b, c, d}) hash = (hash ^ round(0, lane)) * kP1 + kP4;
  }
  hash += size;
  for (; at + 8 <= end; at += 8) hash = std::rotl(hash ^ round(0, read64(at)), 27) * kP1 + kP4;
  if (at + 4 <= end) {
    hash = std::rotl(hash ^ (read32(at) * kP1), 23) * kP2 + kP3;
    at += 4;
  }
  for (; at < end; at++) hash = std::rotl(hash ^ (*at * kP5), 11) * kP1;
  hash = (hash ^ (hash >> 33)) * kP2;
  hash = (hash ^ (hash >> 29)) * kP3;
  return hash ^ (hash >> 32);
}

}  // namespace lockgate
