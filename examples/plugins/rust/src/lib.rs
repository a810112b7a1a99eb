//! The smallest plugin worth having: one tool and one setting.
use serde_json::Value;
use std::sync::Mutex;

mod lockgate;

pub const NAME: &str = "hello";

pub const METADATA: &str = r#"{
  "name": "hello", "version": "0.1.0", "abi_version": 1,
  "plain_text_keys": ["greeting"], "optional_keys": ["greeting"]
}"#;

pub const TOOLS: &str = r#"[{
  "name": "greet",
  "description": "Greets somebody.",
  "input_schema": {
    "type": "object",
    "properties": { "who": { "type": "string", "description": "Whom to greet." } },
    "required": ["who"]
  },
  "annotations": { "readOnlyHint": true, "idempotentHint": true }
}]"#;

static GREETING: Mutex<String> = Mutex::new(String::new());

/// Settings come before the first call, and again whenever they change: always all of them.
pub fn configure(settings: &Value) -> Result<(), String> {
    let given = settings["greeting"].as_str().unwrap_or("");
    if given.chars().count() > 40 {
        return Err("the setting \"greeting\" has more than 40 characters".into());
    }
    *GREETING.lock().unwrap() = given.into();
    Ok(())
}

/// The answer of a tool, or what whoever called it should do otherwise.
pub fn execute(tool: &str, args: &Value) -> Result<String, String> {
    match tool {
        "greet" => greet(args["who"].as_str().unwrap_or("")),
        _ => Err(format!("there is no tool {tool:?}")),
    }
}

fn greet(who: &str) -> Result<String, String> {
    if who.is_empty() {
        return Err("greet: the argument \"who\" is required".into());
    }
    lockgate::log("greeting somebody");
    let greeting = GREETING.lock().unwrap();
    let greeting = if greeting.is_empty() { "Hello" } else { greeting.as_str() };
    Ok(format!("{greeting}, {who}!"))
}
