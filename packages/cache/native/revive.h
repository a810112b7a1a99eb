// Turns serialised machine code back into a WebAssembly module. V8 checks a header of about 28 bytes and nothing
// else: the caller vouches that `code` is undamaged, belongs to `wire`, and was made by this very program in this
// very mode.
#pragma once

#include <node.h>
#include <uv.h>
#include <v8-wasm.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

namespace lockgate {

struct Bytes {
  const uint8_t* at = nullptr;
  size_t size = 0;
};

#if V8_MAJOR_VERSION >= 14

// Public entry point of V8 14 and later. Empty: V8 refused the code.
inline v8::MaybeLocal<v8::WasmModuleObject> Revive(v8::Isolate* isolate, Bytes wire, Bytes code) {
  // On refusal V8 compiles by itself and answers after this function has returned, so the answer lives on the heap.
  struct Answer {
    v8::Global<v8::WasmModuleObject> module;
  };
  auto answer = std::make_shared<Answer>();
  bool accepted = false;
  v8::WasmModuleCompilation compilation;
  compilation.SetHasCompiledModuleBytes();
  compilation.OnBytesReceived(wire.at, wire.size);
  compilation.Finish(
      isolate,
      [&accepted, code](v8::WasmStreaming::ModuleCachingInterface& cache) {  // called inside Finish() only
        accepted = cache.SetCachedCompiledModuleBytes({code.at, code.size});
      },
      [answer, isolate](std::variant<v8::Local<v8::WasmModuleObject>, v8::Local<v8::Value>> result) {
        if (auto* module = std::get_if<v8::Local<v8::WasmModuleObject>>(&result)) answer->module.Reset(isolate, *module);
      });
  if (!accepted || answer->module.IsEmpty()) return {};
  return answer->module.Get(isolate);
}

#else

// V8 12 and 13 offer cached code to streaming compilation only, through a callback per isolate, and Node has taken
// that of the caller's isolate. A private isolate has one to spare; the module it makes is shared with the caller's.
class PrivateIsolate {
 public:
  static std::optional<v8::CompiledWasmModule> Compile(node::MultiIsolatePlatform* platform, Bytes wire, Bytes code) {
    uv_loop_t loop;
    if (uv_loop_init(&loop) != 0) return {};
    std::unique_ptr<v8::ArrayBuffer::Allocator> allocator(v8::ArrayBuffer::Allocator::NewDefaultAllocator());
    v8::Isolate* isolate = v8::Isolate::Allocate();
    platform->RegisterIsolate(isolate, &loop);
    v8::Isolate::CreateParams params;
    params.array_buffer_allocator = allocator.get();
    v8::Isolate::Initialize(isolate, params);
    std::optional<v8::CompiledWasmModule> module = CompileIn(isolate, wire, code);
    bool finished = false;
    platform->AddIsolateFinishedCallback(isolate, [](void* flag) { *static_cast<bool*>(flag) = true; }, &finished);
#if NODE_MAJOR_VERSION >= 24
    platform->DisposeIsolate(isolate);
#else
    platform->UnregisterIsolate(isolate);
    isolate->Dispose();
#endif
    while (!finished) uv_run(&loop, UV_RUN_ONCE);
    uv_loop_close(&loop);
    return module;
  }

 private:
  struct Request {
    Bytes wire, code;
    bool accepted;
  };

  static void OnStreaming(const v8::FunctionCallbackInfo<v8::Value>& info) {
    auto* request = static_cast<Request*>(info[0].As<v8::External>()->Value());
    std::shared_ptr<v8::WasmStreaming> streaming = v8::WasmStreaming::Unpack(info.GetIsolate(), info.Data());
    request->accepted = streaming->SetCompiledModuleBytes(request->code.at, request->code.size);
    if (!request->accepted) return streaming->Abort({});
    streaming->OnBytesReceived(request->wire.at, request->wire.size);
    streaming->Finish(true);
  }

  static std::optional<v8::CompiledWasmModule> CompileIn(v8::Isolate* isolate, Bytes wire, Bytes code) {
    v8::Locker locker(isolate);
    v8::Isolate::Scope isolate_scope(isolate);
    v8::HandleScope handles(isolate);
    isolate->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit);
    isolate->SetWasmStreamingCallback(OnStreaming);
    v8::Local<v8::Context> context = v8::Context::New(isolate);
    v8::Context::Scope context_scope(context);
    v8::TryCatch errors(isolate);
    const auto get = [&](v8::Local<v8::Object> object, const char* key) {
      v8::Local<v8::String> name = v8::String::NewFromUtf8(isolate, key).ToLocalChecked();
      return object->Get(context, name).FromMaybe(v8::Local<v8::Value>(v8::Undefined(isolate)));
    };
    v8::Local<v8::Value> wasm = get(context->Global(), "WebAssembly");
    if (!wasm->IsObject()) return {};
    v8::Local<v8::Value> compile = get(wasm.As<v8::Object>(), "compileStreaming");
    if (!compile->IsFunction()) return {};
    Request request{wire, code, false};
    v8::Local<v8::Value> source = v8::External::New(isolate, &request), result;
    if (!compile.As<v8::Function>()->Call(context, wasm, 1, &source).ToLocal(&result) || !result->IsPromise()) return {};
    isolate->PerformMicrotaskCheckpoint();  // runs OnStreaming, inside which V8 settles the promise
    v8::Local<v8::Promise> promise = result.As<v8::Promise>();
    if (!request.accepted || promise->State() != v8::Promise::kFulfilled) return {};
    if (!promise->Result()->IsWasmModuleObject()) return {};
    return promise->Result().As<v8::WasmModuleObject>()->GetCompiledModule();
  }
};

inline v8::MaybeLocal<v8::WasmModuleObject> Revive(v8::Isolate* isolate, Bytes wire, Bytes code) {
  node::Environment* environment = node::GetCurrentEnvironment(isolate->GetCurrentContext());
  node::MultiIsolatePlatform* platform = environment ? node::GetMultiIsolatePlatform(environment) : nullptr;
  if (!platform) return {};
  std::optional<v8::CompiledWasmModule> module = PrivateIsolate::Compile(platform, wire, code);
  if (!module) return {};
  return v8::WasmModuleObject::FromCompiledModule(isolate, *module);
}

#endif

}  // namespace lockgate
