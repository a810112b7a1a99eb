/** An MCP server over stdin and stdout in plain Rust, with no crate: it finds what it needs in the text of a message. */
export const RUST_SERVER = String.raw`
use std::io::{BufRead, Write};

fn text_of<'a>(line: &'a str, key: &str) -> &'a str {
    let quoted = format!("\"{key}\":\"");
    let start = line.find(&quoted).map_or(line.len(), |at| at + quoted.len());
    line[start..].split('"').next().unwrap_or("")
}

fn call(line: &str) -> Result<String, String> {
    match text_of(line, "name") {
        "read" => std::fs::read_to_string(text_of(line, "path")).map_err(|error| error.to_string()),
        "env" => Ok(std::env::vars().map(|(name, value)| format!("{name}={value} ")).collect()),
        "args" => Ok(std::env::args().collect::<Vec<_>>().join(" ")),
        "connect" => std::net::TcpStream::connect("127.0.0.1:80").map(|_| String::new()).map_err(|error| error.to_string()),
        "panic" => panic!("as asked"),
        _ => Err("there is no such tool".into()),
    }
}

fn main() {
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let Some(at) = line.find("\"id\":") else { continue };
        let id: String = line[at + 5..].chars().take_while(char::is_ascii_digit).collect();
        let answer = match text_of(&line, "method") {
            "initialize" => r#""result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"rust","version":"1"}}"#.to_string(),
            "tools/list" => {
                let tools: Vec<_> = ["read", "env", "args", "connect", "panic"].iter().map(|name| format!("{{\"name\":\"{name}\",\"inputSchema\":{{\"type\":\"object\"}}}}")).collect();
                format!("\"result\":{{\"tools\":[{}]}}", tools.join(","))
            }
            "tools/call" => {
                let (text, is_error) = match call(&line) { Ok(text) => (text, false), Err(text) => (text, true) };
                format!("\"result\":{{\"content\":[{{\"type\":\"text\",\"text\":{text:?}}}],\"isError\":{is_error}}}")
            }
            _ => r#""error":{"code":-32601,"message":"there is no such method"}"#.to_string(),
        };
        println!("{{\"jsonrpc\":\"2.0\",\"id\":{id},{answer}}}");
        std::io::stdout().flush().unwrap();
    }
}
`;
