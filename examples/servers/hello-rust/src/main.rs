//! An MCP server over stdin and stdout, in plain Rust: the same program runs natively and as a guest of Lockgate.

use serde_json::{json, Value};
use std::io::{self, BufRead, Write};

/// What models are told of the tools.
fn definitions() -> Value {
    json!([{
        "name": "greet",
        "description": "Greets somebody.",
        "inputSchema": { "type": "object", "properties": { "who": { "type": "string" } }, "required": ["who"] }
    }])
}

/// What the tools do. `Err` is for callers who did something wrong; `None` means that there is no such tool.
fn call(tool: &str, arguments: &Value) -> Option<Result<String, String>> {
    match tool {
        "greet" => Some(match arguments["who"].as_str() {
            Some(who) if !who.is_empty() => {
                let greeting = std::env::var("GREETING").unwrap_or_else(|_| "Hello".into());
                Ok(format!("{greeting}, {who}!"))
            }
            _ => Err("the argument \"who\" has to be a text".into()),
        }),
        _ => None,
    }
}

fn answer(method: &str, params: &Value) -> Result<Value, &'static str> {
    match method {
        "initialize" => Ok(json!({
            "protocolVersion": "2025-06-18",
            "capabilities": { "tools": {} },
            "serverInfo": { "name": "hello", "version": "0.1.0" }
        })),
        "ping" => Ok(json!({})),
        "tools/list" => Ok(json!({ "tools": definitions() })),
        "tools/call" => {
            let name = params["name"].as_str().unwrap_or_default();
            let outcome = call(name, &params["arguments"]).ok_or("there is no such tool")?;
            let is_error = outcome.is_err();
            let text = outcome.unwrap_or_else(|message| message);
            Ok(json!({ "content": [{ "type": "text", "text": text }], "isError": is_error }))
        }
        _ => Err("there is no such method"),
    }
}

fn main() -> io::Result<()> {
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let asked: Value = serde_json::from_str(&line?).unwrap_or_default();
        // What has no id wants no answer.
        let Some(id) = asked.get("id") else { continue };
        let mut said = json!({ "jsonrpc": "2.0", "id": id });
        match answer(asked["method"].as_str().unwrap_or_default(), &asked["params"]) {
            Ok(result) => said["result"] = result,
            Err(message) => said["error"] = json!({ "code": -32601, "message": message }),
        }
        writeln!(output, "{said}")?;
        output.flush()?;
    }
    Ok(())
}
