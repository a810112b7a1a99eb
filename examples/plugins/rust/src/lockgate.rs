//! The guest's side of plugin ABI 1: memory, messages, the log, the exports. Keep it as it is; what makes a plugin stands
//! in lib.rs.
use serde_json::{Value, json};
use std::alloc::{Layout, alloc, dealloc};
use std::ptr::null_mut;

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn host_log(pointer: *const u8, length: usize);
}

/// Writes a line to the host's log.
pub fn log(message: &str) {
    unsafe { host_log(message.as_ptr(), message.len()) }
}

/// Without an operating system a panic says nothing by itself; with WASI, whose linker brings an `_initialize` of its
/// own, it goes to standard error. Either way the caller is told its message.
#[cfg(target_os = "unknown")]
#[unsafe(no_mangle)]
extern "C" fn _initialize() {
    std::panic::set_hook(Box::new(|panic| log(&panic.to_string())));
}

// ---- Memory. `dealloc` needs the size that was allocated, so it stands in front of each block. The names are not
// `malloc` and `free`, which the C library of WASI has already; the host takes both. ----

const HEADER: usize = 8;

fn layout(size: usize) -> Option<Layout> {
    Layout::from_size_align(size.checked_add(HEADER)?, HEADER).ok()
}

#[unsafe(no_mangle)]
extern "C" fn guest_malloc(size: usize) -> *mut u8 {
    let Some(layout) = layout(size) else { return null_mut() };
    unsafe {
        let block = alloc(layout);
        if block.is_null() {
            return block;
        }
        block.cast::<usize>().write(size);
        block.add(HEADER)
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn guest_free(pointer: *mut u8) {
    if pointer.is_null() {
        return;
    }
    unsafe {
        let block = pointer.sub(HEADER);
        if let Some(layout) = layout(block.cast::<usize>().read()) {
            dealloc(block, layout);
        }
    }
}

/// The JSON of a span that the host wrote, and frees.
fn take(span: u64) -> Value {
    let bytes = unsafe { std::slice::from_raw_parts((span >> 32) as usize as *const u8, span as u32 as usize) };
    serde_json::from_slice(bytes).unwrap_or(Value::Null)
}

/// Text as a span for the host, which frees it.
fn give(text: &str) -> u64 {
    if text.is_empty() {
        return 0; // nobody frees an empty span
    }
    let pointer = guest_malloc(text.len());
    assert!(!pointer.is_null(), "out of memory");
    unsafe { pointer.copy_from_nonoverlapping(text.as_ptr(), text.len()) };
    (pointer as usize as u64) << 32 | text.len() as u64
}

// ---- The exports ----

#[unsafe(no_mangle)]
extern "C" fn name() -> u64 {
    give(crate::NAME)
}

#[unsafe(no_mangle)]
extern "C" fn metadata() -> u64 {
    give(crate::METADATA)
}

#[unsafe(no_mangle)]
extern "C" fn tools() -> u64 {
    give(crate::TOOLS)
}

#[unsafe(no_mangle)]
extern "C" fn healthy() -> i32 {
    1
}

#[unsafe(no_mangle)]
extern "C" fn configure(settings: u64) -> u64 {
    match crate::configure(&take(settings)) {
        Ok(()) => 0,
        Err(problem) => give(&problem),
    }
}

#[unsafe(no_mangle)]
extern "C" fn execute(call: u64) -> u64 {
    let call = take(call);
    // Half a surrogate pair, say, or more than 128 levels.
    if call.is_null() {
        return give(&json!({ "data": "the arguments cannot be read as JSON", "is_error": true }).to_string());
    }
    let answer = match crate::execute(call["tool_name"].as_str().unwrap_or(""), &call["args"]) {
        Ok(data) => json!({ "data": data }),
        Err(problem) => json!({ "data": problem, "is_error": true }),
    };
    give(&answer.to_string())
}
