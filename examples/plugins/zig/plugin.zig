//! The smallest plugin worth having: one tool and one setting.
const std = @import("std");
const lockgate = @import("lockgate.zig");

pub const panic = lockgate.panic;

pub const plugin_name = "hello";

pub const plugin_metadata =
    \\{
    \\  "name": "hello", "version": "0.1.0", "abi_version": 1,
    \\  "plain_text_keys": ["greeting"], "optional_keys": ["greeting"]
    \\}
;

pub const plugin_tools =
    \\[{
    \\  "name": "greet",
    \\  "description": "Greets somebody.",
    \\  "input_schema": {
    \\    "type": "object",
    \\    "properties": { "who": { "type": "string", "description": "Whom to greet." } },
    \\    "required": ["who"]
    \\  },
    \\  "annotations": { "readOnlyHint": true, "idempotentHint": true }
    \\}]
;

const longest_greeting = 40;
var greeting_bytes: [longest_greeting]u8 = undefined;
var greeting: []const u8 = "Hello";

/// Settings come before the first call, and again whenever they change: always all of them. Answers what is wrong with
/// them, or null.
pub fn onConfigure(settings: std.json.Value) ?[]const u8 {
    const given = lockgate.textAt(settings, "greeting");
    if (given.len > longest_greeting) return "the setting \"greeting\" has more than 40 bytes";
    @memcpy(greeting_bytes[0..given.len], given);
    greeting = if (given.len > 0) greeting_bytes[0..given.len] else "Hello";
    return null;
}

/// The answer of a tool. What is allocated in the arena is freed when the call has been answered.
pub fn onExecute(arena: std.mem.Allocator, tool: []const u8, args: std.json.Value) !lockgate.Answer {
    if (std.mem.eql(u8, tool, "greet")) return greet(arena, args);
    return .{ .data = "there is no such tool", .is_error = true };
}

fn greet(arena: std.mem.Allocator, args: std.json.Value) !lockgate.Answer {
    const who = lockgate.textAt(args, "who");
    if (who.len == 0) return .{ .data = "greet: the argument \"who\" is required", .is_error = true };
    lockgate.log("greeting somebody");
    return .{ .data = try std.fmt.allocPrint(arena, "{s}, {s}!", .{ greeting, who }) };
}

comptime {
    _ = lockgate; // its exports are part of the module
}
