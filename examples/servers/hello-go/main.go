// An MCP server over stdin and stdout, in plain Go: the same program runs natively and as a guest of Lockgate.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
)

// One tool: what models are told of it, and what it does.
type tool struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	InputSchema json.RawMessage `json:"inputSchema"`
	run         func(arguments json.RawMessage) (string, error)
}

var tools = []tool{{
	Name:        "greet",
	Description: "Greets somebody.",
	InputSchema: json.RawMessage(`{"type": "object", "properties": {"who": {"type": "string"}}, "required": ["who"]}`),
	run: func(arguments json.RawMessage) (string, error) {
		var given struct{ Who string }
		if err := json.Unmarshal(arguments, &given); err != nil || given.Who == "" {
			return "", errors.New(`the argument "who" has to be a text`)
		}
		greeting := os.Getenv("GREETING")
		if greeting == "" {
			greeting = "Hello"
		}
		return greeting + ", " + given.Who + "!", nil
	},
}}

type request struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params struct {
		Name      string          `json:"name"`
		Arguments json.RawMessage `json:"arguments"`
	} `json:"params"`
}

type object map[string]any

func answer(asked request) object {
	switch asked.Method {
	case "initialize":
		info := object{"name": "hello", "version": "0.1.0"}
		return object{"result": object{"protocolVersion": "2025-06-18", "capabilities": object{"tools": object{}}, "serverInfo": info}}
	case "ping":
		return object{"result": object{}}
	case "tools/list":
		return object{"result": object{"tools": tools}}
	case "tools/call":
		for _, one := range tools {
			if one.Name == asked.Params.Name {
				text, err := one.run(asked.Params.Arguments)
				if err != nil {
					text = err.Error()
				}
				return object{"result": object{"content": []object{{"type": "text", "text": text}}, "isError": err != nil}}
			}
		}
	}
	return object{"error": object{"code": -32601, "message": "there is no such method or tool"}}
}

func main() {
	input := bufio.NewReader(os.Stdin)
	output := json.NewEncoder(os.Stdout)
	for {
		line, err := input.ReadBytes('\n')
		var asked request
		if json.Unmarshal(line, &asked) == nil && asked.ID != nil {
			said := answer(asked)
			said["jsonrpc"], said["id"] = "2.0", asked.ID
			output.Encode(said)
		}
		if err != nil {
			return
		}
	}
}
