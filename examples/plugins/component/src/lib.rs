//! The smallest component worth having: one tool and one setting.
use std::env;

wit_bindgen::generate!();

struct Plugin;

impl Guest for Plugin {
    /// `Err` is for callers who did something wrong, and reaches them as an error.
    fn greet(who: String) -> Result<String, String> {
        if who.is_empty() {
            return Err("greet: the argument \"who\" is required".into());
        }
        // What is written here is in the gateway's log.
        eprintln!("greeting somebody");
        // The settings of its entry in lockgate.json are its environment, and all of it.
        let greeting = env::var("greeting").unwrap_or_else(|_| "Hello".into());
        Ok(format!("{greeting}, {who}!"))
    }
}

export!(Plugin);
