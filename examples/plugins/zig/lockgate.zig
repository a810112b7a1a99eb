//! The guest's side of plugin ABI 1: memory, messages, the log, the exports. Keep it as it is; what makes a plugin stands
//! in plugin.zig.
const std = @import("std");
const plugin = @import("root");

const allocator = std.heap.wasm_allocator;

extern "env" fn host_log(pointer: [*]const u8, length: usize) void;

/// Writes a line to the host's log.
pub fn log(message: []const u8) void {
    host_log(message.ptr, message.len);
}

/// Where @panic and failed safety checks end: whoever called is told the message.
pub const panic = std.debug.FullPanic(struct {
    fn end(message: []const u8, _: ?usize) noreturn {
        log(message);
        @trap();
    }
}.end);

/// What a tool answers: text (JSON, where it has an output schema), or what whoever called it should do otherwise.
pub const Answer = struct { data: []const u8, is_error: bool = false };

/// The text of an object's field; empty where there is none.
pub fn textAt(object: std.json.Value, key: []const u8) []const u8 {
    const value = if (object == .object) object.object.get(key) orelse return "" else return "";
    return if (value == .string) value.string else "";
}

// ---- Memory. `free` needs the size that was allocated, so it stands in front of each block. ----

const Block = struct {
    const header = 8;

    fn of(pointer: [*]u8) []align(header) u8 {
        const start: [*]align(header) u8 = @alignCast(pointer - header);
        return start[0..std.mem.readInt(u32, start[0..4], .little)];
    }
};

export fn malloc(size: usize) ?[*]u8 {
    const whole = std.math.add(usize, size, Block.header) catch return null;
    const block = allocator.alignedAlloc(u8, .fromByteUnits(Block.header), whole) catch return null;
    std.mem.writeInt(u32, block[0..4], @intCast(whole), .little);
    return block.ptr + Block.header;
}

export fn free(pointer: ?[*]u8) void {
    allocator.free(Block.of(pointer orelse return));
}

/// The bytes of a span that the host wrote, and frees.
fn take(span: u64) []const u8 {
    const pointer: [*]const u8 = @ptrFromInt(@as(usize, @intCast(span >> 32)));
    return pointer[0..@truncate(span)];
}

/// Text as a span for the host, which frees it.
fn give(text: []const u8) u64 {
    if (text.len == 0) return 0; // nobody frees an empty span
    const pointer = malloc(text.len) orelse @panic("out of memory");
    @memcpy(pointer, text);
    return @as(u64, @intFromPtr(pointer)) << 32 | text.len;
}

// ---- The exports ----

export fn name() u64 {
    return give(plugin.plugin_name);
}

export fn metadata() u64 {
    return give(plugin.plugin_metadata);
}

export fn tools() u64 {
    return give(plugin.plugin_tools);
}

export fn healthy() i32 {
    return 1;
}

export fn configure(span: u64) u64 {
    var arena: std.heap.ArenaAllocator = .init(allocator);
    defer arena.deinit();
    const settings = std.json.parseFromSliceLeaky(std.json.Value, arena.allocator(), take(span), .{}) catch |err| return give(@errorName(err));
    return give(plugin.onConfigure(settings) orelse "");
}

export fn execute(span: u64) u64 {
    var arena: std.heap.ArenaAllocator = .init(allocator);
    defer arena.deinit();
    const answer = answerOf(arena.allocator(), take(span)) catch |err| @panic(@errorName(err));
    return give(answer);
}

fn answerOf(arena: std.mem.Allocator, request: []const u8) ![]const u8 {
    const Call = struct { tool_name: []const u8, args: std.json.Value };
    const call = std.json.parseFromSliceLeaky(Call, arena, request, .{}) catch |err| switch (err) {
        error.OutOfMemory => return err,
        // Half a surrogate pair, say: a caller's mistake, which must not cost the plugin its state.
        else => return std.json.Stringify.valueAlloc(arena, .{ .data = "the arguments cannot be read as JSON", .is_error = true }, .{}),
    };
    return std.json.Stringify.valueAlloc(arena, try plugin.onExecute(arena, call.tool_name, call.args), .{});
}
