// The guest's side of plugin ABI 1 in C, with or without a C library: memory, JSON, the log, the exports. Keep it as it is;
// what makes a plugin stands in plugin.c. Include it in one file only.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LG_EXPORT(name) __attribute__((export_name(name)))

// Text somewhere in memory; it does not end with a zero.
typedef struct {
  const char *at;
  uint32_t length;
} lg_text;

// ---- What plugin.c defines ----

extern const char plugin_name[], plugin_metadata[], plugin_tools[];
// Gets the settings, a JSON object of strings, and answers what is wrong with them, or null.
const char *plugin_configure(lg_text settings);

typedef struct lg_reply lg_reply;
// Gets a tool's name and its arguments, a JSON object, and writes the answer.
void plugin_execute(lg_text tool, lg_text args, lg_reply *reply);

// ---- The log, and the end ----

__attribute__((import_module("env"), import_name("host_log"))) void lg_host_log(const char *at, uint32_t length);

static uint32_t lg_length(const char *text) {
  uint32_t length = 0;
  while (text[length] != 0) length++;
  return length;
}

static inline void lg_log(const char *message) { lg_host_log(message, lg_length(message)); }

// Ends the call like a failed assertion; whoever called is told the message.
_Noreturn static inline void lg_fail(const char *message) {
  lg_log(message);
  __builtin_trap();
}

// ---- Memory: the C library's where there is one, else blocks of 2^n bytes, each with its n in front; freed ones are kept
// by size and used again ----

#ifdef __wasi__
#include <stdlib.h>

LG_EXPORT("malloc") void *lg_malloc(uint32_t size) { return malloc(size); }
LG_EXPORT("free") void lg_free(void *pointer) { free(pointer); }
#else

typedef struct lg_block {
  struct lg_block *next;
  uint32_t power;
  uint64_t unused; // what follows lies at a multiple of 16
} lg_block;

extern unsigned char __heap_base;
static lg_block *lg_freed[32];
static uint64_t lg_top;

LG_EXPORT("malloc") void *lg_malloc(uint32_t size) {
  if (size > 1u << 30) return NULL;
  uint32_t power = 5;
  while ((1u << power) < size + sizeof(lg_block)) power++;
  lg_block *block = lg_freed[power];
  if (block != NULL) {
    lg_freed[power] = block->next;
    return block + 1;
  }
  if (lg_top == 0) lg_top = ((uintptr_t)&__heap_base + 15) & ~(uint64_t)15;
  uint64_t end = lg_top + (1u << power), present = (uint64_t)__builtin_wasm_memory_size(0) << 16;
  if (end > present && __builtin_wasm_memory_grow(0, (end - present + 65535) >> 16) == (size_t)-1) return NULL;
  block = (lg_block *)(uintptr_t)lg_top;
  block->power = power;
  lg_top = end;
  return block + 1;
}

LG_EXPORT("free") void lg_free(void *pointer) {
  if (pointer == NULL) return;
  lg_block *block = (lg_block *)pointer - 1;
  block->next = lg_freed[block->power];
  lg_freed[block->power] = block;
}

#endif

// ---- JSON: reading what the host sends, which is always well-formed ----

static inline bool lg_is(lg_text text, const char *other) {
  uint32_t i = 0;
  while (i < text.length && other[i] == text.at[i]) i++;
  return i == text.length && other[i] == 0;
}

static lg_text lg_from(lg_text json, uint32_t start) {
  while (start < json.length && (uint8_t)json.at[start] <= ' ') start++;
  return start < json.length ? (lg_text){json.at + start, json.length - start} : (lg_text){json.at, 0};
}

// The length of the JSON value that the text begins with.
static uint32_t lg_value_length(lg_text json) {
  uint32_t depth = 0, i = 0;
  for (bool quoted = false; i < json.length; i++) {
    char c = json.at[i];
    if (quoted && c == '\\') i++;
    else if (c == '"') quoted = !quoted;
    else if (!quoted && (c == '{' || c == '[')) depth++;
    else if (!quoted && (c == '}' || c == ']' || c == ',' || c == ':') && depth == 0) return i;
    else if (!quoted && (c == '}' || c == ']')) depth--;
    if (!quoted && depth == 0 && (c == '"' || c == '}' || c == ']')) return i + 1;
  }
  return json.length;
}

// The value of an object's field, as JSON; of length 0 where there is none. `key` needs no escapes.
static lg_text lg_at(lg_text object, const char *key) {
  lg_text rest = lg_from(object, 1);
  while (rest.length > 0 && rest.at[0] == '"') {
    uint32_t length = lg_value_length(rest);
    bool found = length >= 2 && lg_is((lg_text){rest.at + 1, length - 2}, key);
    rest = lg_from(lg_from(rest, length), 1);
    length = lg_value_length(rest);
    if (found) return (lg_text){rest.at, length};
    rest = lg_from(lg_from(rest, length), 1);
  }
  return (lg_text){object.at, 0};
}

static uint32_t lg_hex(const char *at) {
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) value = value << 4 | (at[i] <= '9' ? at[i] - '0' : (at[i] | 32) - 'a' + 10);
  return value;
}

// A JSON string's text, in memory that is yours to lg_free; of length 0 where the value is no string.
static lg_text lg_string(lg_text json) {
  if (json.length < 2 || json.at[0] != '"') return (lg_text){NULL, 0};
  char *out = lg_malloc(json.length);
  if (out == NULL) lg_fail("out of memory");
  uint32_t length = 0;
  for (uint32_t i = 1; i + 1 < json.length; i++) {
    char c = json.at[i];
    if (c == '\\') c = json.at[++i];
    else { out[length++] = c; continue; }
    if (c != 'u') {
      out[length++] = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == 'b' ? '\b' : c == 'f' ? '\f' : c;
      continue;
    }
    uint32_t point = lg_hex(json.at + i + 1);
    i += 4;
    if ((point & 0xf800) == 0xd800) {
      bool pair = point < 0xdc00 && i + 7 < json.length && json.at[i + 1] == '\\' && json.at[i + 2] == 'u';
      uint32_t low = pair ? lg_hex(json.at + i + 3) : 0;
      if ((low & 0xfc00) == 0xdc00) {
        point = 0x10000 + ((point & 0x3ff) << 10) + (low & 0x3ff);
        i += 6;
      } else point = 0xfffd; // half of a pair is no character, and has no UTF-8
    }
    if (point < 0x80) out[length++] = (char)point;
    else {
      if (point < 0x800) out[length++] = (char)(0xc0 | point >> 6);
      else {
        if (point < 0x10000) out[length++] = (char)(0xe0 | point >> 12);
        else {
          out[length++] = (char)(0xf0 | point >> 18);
          out[length++] = (char)(0x80 | (point >> 12 & 63));
        }
        out[length++] = (char)(0x80 | (point >> 6 & 63));
      }
      out[length++] = (char)(0x80 | (point & 63));
    }
  }
  return (lg_text){out, length};
}

// ---- Answers: text that grows, written as a JSON string ----

struct lg_reply {
  char *at;
  uint32_t length, capacity;
  bool is_error;
};

static void lg_put(lg_reply *reply, char c) {
  if (reply->length == reply->capacity) {
    uint32_t capacity = reply->capacity * 2 + 112;
    char *larger = lg_malloc(capacity);
    if (larger == NULL) lg_fail("out of memory");
    for (uint32_t i = 0; i < reply->length; i++) larger[i] = reply->at[i];
    lg_free(reply->at);
    reply->at = larger;
    reply->capacity = capacity;
  }
  reply->at[reply->length++] = c;
}

static void lg_raw(lg_reply *reply, const char *json) {
  while (*json != 0) lg_put(reply, *json++);
}

// Adds text to the answer.
static inline void lg_say_text(lg_reply *reply, lg_text text) {
  for (uint32_t i = 0; i < text.length; i++) {
    char c = text.at[i];
    if (c == '"' || c == '\\') lg_put(reply, '\\');
    if ((uint8_t)c >= 0x20) lg_put(reply, c);
    else {
      lg_raw(reply, "\\u00");
      lg_put(reply, (char)('0' + (c >> 4)));
      lg_put(reply, "0123456789abcdef"[c & 15]);
    }
  }
}

static inline void lg_say(lg_reply *reply, const char *text) { lg_say_text(reply, (lg_text){text, lg_length(text)}); }

// Adds text, and makes the answer an error for whoever called.
static inline void lg_refuse(lg_reply *reply, const char *text) {
  lg_say(reply, text);
  reply->is_error = true;
}

// ---- The exports. A span is a pointer in the upper half and a length in the lower; the host frees what it is given ----

static lg_text lg_take(uint64_t span) { return (lg_text){(const char *)(uintptr_t)(span >> 32), (uint32_t)span}; }

static uint64_t lg_give(lg_reply reply) {
  if (reply.length > 0) return (uint64_t)(uintptr_t)reply.at << 32 | reply.length;
  lg_free(reply.at);
  return 0; // nobody frees an empty span
}

static uint64_t lg_give_raw(const char *text) {
  lg_reply reply = {0};
  lg_raw(&reply, text);
  return lg_give(reply);
}

LG_EXPORT("name") uint64_t lg_name(void) { return lg_give_raw(plugin_name); }
LG_EXPORT("metadata") uint64_t lg_metadata(void) { return lg_give_raw(plugin_metadata); }
LG_EXPORT("tools") uint64_t lg_tools(void) { return lg_give_raw(plugin_tools); }
LG_EXPORT("healthy") int32_t lg_healthy(void) { return 1; }

LG_EXPORT("configure") uint64_t lg_configure(uint64_t settings) {
  const char *problem = plugin_configure(lg_take(settings));
  return problem == NULL ? 0 : lg_give_raw(problem);
}

LG_EXPORT("execute") uint64_t lg_execute(uint64_t span) {
  lg_text call = lg_take(span), tool = lg_string(lg_at(call, "tool_name"));
  lg_reply reply = {0};
  lg_raw(&reply, "{\"data\":\"");
  plugin_execute(tool, lg_at(call, "args"), &reply);
  lg_raw(&reply, reply.is_error ? "\",\"is_error\":true}" : "\"}");
  lg_free((void *)tool.at);
  return lg_give(reply);
}
