// Hands V8's optimised WebAssembly machine code out as bytes, and back. Public V8 and Node headers only; no state of
// its own, so it loads into any number of workers. src/code-serializer.ts is its one caller and says what each means.
#include <node.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include <v8-wasm.h>

#include <cstring>
#include <memory>
#include <string>

#include "process-facts.h"
#include "revive.h"
#include "xxh64.h"

namespace lockgate {
namespace {

using v8::FunctionCallbackInfo;
using v8::Isolate;
using v8::Local;
using v8::Value;

constexpr size_t kMaxWireBytes = size_t{1} << 30;  // V8's own ceiling for a module
constexpr size_t kMaxCodeBytes = size_t{2} << 30;  // V8 writes lengths of serialised code as int
constexpr size_t kMinCodeBytes = 32;               // below this there is not even V8's header

Local<v8::String> Text(Isolate* isolate, const char* text) {
  return v8::String::NewFromUtf8(isolate, text, v8::NewStringType::kInternalized).ToLocalChecked();
}

void ThrowTypeError(Isolate* isolate, const char* message) {
  isolate->ThrowException(v8::Exception::TypeError(Text(isolate, message)));
}

// The bytes of an argument, pinned for as long as `pin_` lives. Shared memory is refused: it could change between the
// caller's check and V8's read.
class Argument {
 public:
  Argument(const FunctionCallbackInfo<Value>& info, int index) {
    if (!info[index]->IsArrayBufferView()) return;
    Local<v8::ArrayBufferView> view = info[index].As<v8::ArrayBufferView>();
    pin_ = view->Buffer()->GetBackingStore();
    if (pin_->IsShared()) return;
    bytes_ = {static_cast<const uint8_t*>(pin_->Data()) + view->ByteOffset(), view->ByteLength()};
    valid_ = true;
  }
  bool HasSize(size_t min, size_t max) const { return valid_ && bytes_.size >= min && bytes_.size <= max; }
  Bytes bytes() const { return bytes_; }

 private:
  std::shared_ptr<v8::BackingStore> pin_;
  Bytes bytes_;
  bool valid_ = false;
};

void Checksum(const FunctionCallbackInfo<Value>& info) {
  Argument data(info, 0);
  if (!data.HasSize(0, SIZE_MAX)) return ThrowTypeError(info.GetIsolate(), "checksum(bytes)");
  const uint64_t sum = Xxh64(data.bytes().at, data.bytes().size);
  info.GetReturnValue().Set(v8::BigInt::NewFromUnsigned(info.GetIsolate(), sum));
}

void Serialize(const FunctionCallbackInfo<Value>& info) {
  Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsWasmModuleObject()) return ThrowTypeError(isolate, "serialize(module)");
  v8::OwnedBuffer code = info[0].As<v8::WasmModuleObject>()->GetCompiledModule().Serialize();
  if (code.size == 0 || code.size > kMaxCodeBytes) return info.GetReturnValue().SetNull();
  const size_t size = code.size;
#if defined(V8_ENABLE_SANDBOX)
  Local<v8::ArrayBuffer> buffer = v8::ArrayBuffer::New(isolate, size);  // the sandbox refuses foreign memory
  std::memcpy(buffer->Data(), code.buffer.get(), size);
#else
  auto release = [](void* data, size_t, void*) { delete[] static_cast<uint8_t*>(data); };
  Local<v8::ArrayBuffer> buffer = v8::ArrayBuffer::New(
      isolate,
      v8::ArrayBuffer::NewBackingStore(const_cast<uint8_t*>(code.buffer.release()), size, release, nullptr));
#endif
  info.GetReturnValue().Set(v8::Uint8Array::New(buffer, 0, size));
}

void WireBytes(const FunctionCallbackInfo<Value>& info) {
  Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsWasmModuleObject()) return ThrowTypeError(isolate, "wireBytes(module)");
  v8::CompiledWasmModule module = info[0].As<v8::WasmModuleObject>()->GetCompiledModule();
  v8::MemorySpan<const uint8_t> wire = module.GetWireBytesRef();
  Local<v8::ArrayBuffer> copy = v8::ArrayBuffer::New(isolate, wire.size());
  if (wire.size() > 0) std::memcpy(copy->Data(), wire.data(), wire.size());
  info.GetReturnValue().Set(v8::Uint8Array::New(copy, 0, wire.size()));
}

void Answer(const FunctionCallbackInfo<Value>& info, v8::MaybeLocal<v8::WasmModuleObject> revived) {
  Local<v8::WasmModuleObject> module;
  if (revived.ToLocal(&module)) return info.GetReturnValue().Set(module);
  info.GetReturnValue().Set(Text(info.GetIsolate(), "refused"));
}

void Load(const FunctionCallbackInfo<Value>& info) {
  Isolate* isolate = info.GetIsolate();
  Argument wire(info, 0), code(info, 1);
  if (!wire.HasSize(8, kMaxWireBytes) || !code.HasSize(kMinCodeBytes, kMaxCodeBytes)) {
    return ThrowTypeError(isolate, "load(wire, code)");
  }
  Answer(info, Revive(isolate, wire.bytes(), code.bytes()));
}

class Mapping {
 public:
  Mapping(int fd, size_t size) : size_(size) {
#if defined(MAP_POPULATE)
    constexpr int kFlags = MAP_PRIVATE | MAP_POPULATE;
#else
    constexpr int kFlags = MAP_PRIVATE;
#endif
    at_ = mmap(nullptr, size, PROT_READ, kFlags, fd, 0);
  }
  ~Mapping() {
    if (valid()) munmap(at_, size_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  bool valid() const { return at_ != MAP_FAILED; }
  const uint8_t* at() const { return static_cast<const uint8_t*>(at_); }

 private:
  void* at_;
  size_t size_;
};

// Maps instead of reading: for 40 MB that is 4 ms instead of 50. Safe since entries are only ever replaced by rename.
void LoadFile(const FunctionCallbackInfo<Value>& info) {
  Isolate* isolate = info.GetIsolate();
  Argument wire(info, 0);
  if (!wire.HasSize(8, kMaxWireBytes) || !info[1]->IsInt32() || !info[2]->IsUint32() || !info[3]->IsUint32() ||
      !info[4]->IsBigInt()) {
    return ThrowTypeError(isolate, "loadFile(wire, fd, offset, length, checksum)");
  }
  const int fd = info[1].As<v8::Int32>()->Value();
  const size_t offset = info[2].As<v8::Uint32>()->Value(), length = info[3].As<v8::Uint32>()->Value();
  const uint64_t checksum = info[4].As<v8::BigInt>()->Uint64Value();
  const bool whole = lseek(fd, 0, SEEK_END) == static_cast<off_t>(offset + length);
  if (!whole || length < kMinCodeBytes || length > kMaxCodeBytes) {
    return info.GetReturnValue().Set(Text(isolate, "damaged"));
  }
  Mapping mapping(fd, offset + length);
  if (!mapping.valid()) return info.GetReturnValue().Set(Text(isolate, "unmappable"));
  if (Xxh64(mapping.at() + offset, length) != checksum) {
    return info.GetReturnValue().Set(Text(isolate, "damaged"));
  }
  Answer(info, Revive(isolate, wire.bytes(), {mapping.at() + offset, length}));
}

void Facts(const FunctionCallbackInfo<Value>& info) {
  Isolate* isolate = info.GetIsolate();
  if (!info[0]->IsWasmMemoryObject()) return ThrowTypeError(isolate, "facts(memory)");
  Local<v8::ArrayBuffer> memory = info[0].As<v8::WasmMemoryObject>()->Buffer();
  const Traps traps = TrapHandlerState(static_cast<const char*>(memory->Data()), memory->ByteLength());
  const char* word = traps == Traps::kHandled ? "handler" : traps == Traps::kNone ? "checks" : "unknown";
  Local<v8::Object> facts = v8::Object::New(isolate);
  Local<v8::Context> context = isolate->GetCurrentContext();
  facts->Set(context, Text(isolate, "buildId"), Text(isolate, BuildId().c_str())).Check();
  facts->Set(context, Text(isolate, "traps"), Text(isolate, word)).Check();
  info.GetReturnValue().Set(facts);
}

// An advisory lock that the kernel drops when its last holder ends, however it ends.
void TryLock(const FunctionCallbackInfo<Value>& info) {
  if (!info[0]->IsInt32()) return ThrowTypeError(info.GetIsolate(), "tryLock(fd)");
  info.GetReturnValue().Set(flock(info[0].As<v8::Int32>()->Value(), LOCK_EX | LOCK_NB) == 0);
}

// Lets the kernel end this process when it takes too long or too much, even while V8 keeps the main thread busy.
void Limit(const FunctionCallbackInfo<Value>& info) {
  if (!info[0]->IsUint32() || !info[1]->IsNumber()) return ThrowTypeError(info.GetIsolate(), "limit(seconds, bytes)");
  const auto limit = [](int resource, rlim_t value) {
    struct rlimit current;
    if (getrlimit(resource, &current) != 0 || current.rlim_cur < value) return;
    current.rlim_cur = value;
    setrlimit(resource, &current);
  };
  limit(RLIMIT_CORE, 0);  // what runs into the ceiling below aborts, which is no reason for a core dump
  limit(RLIMIT_DATA, static_cast<rlim_t>(info[1].As<v8::Number>()->Value()));
  limit(RLIMIT_CPU, info[0].As<v8::Uint32>()->Value());
  alarm(info[0].As<v8::Uint32>()->Value() * 10);  // at low priority on a busy machine little of it is processor time
}

}  // namespace

NODE_MODULE_INIT(/* exports, module, context */) {
  NODE_SET_METHOD(exports, "checksum", Checksum);
  NODE_SET_METHOD(exports, "serialize", Serialize);
  NODE_SET_METHOD(exports, "wireBytes", WireBytes);
  NODE_SET_METHOD(exports, "load", Load);
  NODE_SET_METHOD(exports, "loadFile", LoadFile);
  NODE_SET_METHOD(exports, "facts", Facts);
  NODE_SET_METHOD(exports, "tryLock", TryLock);
  NODE_SET_METHOD(exports, "limit", Limit);
}

}  // namespace lockgate
