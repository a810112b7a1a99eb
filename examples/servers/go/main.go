// An MCP server over stdin and stdout that keeps notes in a directory, in plain Go: it is the same program natively and as a guest.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

type request struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
}

type toolCall struct {
	Name      string            `json:"name"`
	Arguments map[string]string `json:"arguments"`
}

var directory = os.Args[1]

var tools = map[string]func(map[string]string) (string, error){
	"write_note": func(args map[string]string) (string, error) {
		err := os.WriteFile(filepath.Join(directory, args["name"]), []byte(args["text"]), 0o644)
		return fmt.Sprintf("%d bytes", len(args["text"])), err
	},
	"read_note": func(args map[string]string) (string, error) {
		text, err := os.ReadFile(filepath.Join(directory, args["name"]))
		return string(text), err
	},
	"list_notes": func(map[string]string) (string, error) {
		entries, err := os.ReadDir(directory)
		names := []string{}
		for _, entry := range entries {
			names = append(names, entry.Name())
		}
		return strings.Join(names, "\n"), err
	},
}

var definitions = json.RawMessage(`[
	{"name": "write_note", "description": "Writes a note.", "inputSchema": {"type": "object", "properties": {"name": {"type": "string"}, "text": {"type": "string"}}, "required": ["name", "text"]}},
	{"name": "read_note", "description": "Reads a note.", "inputSchema": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}, "annotations": {"readOnlyHint": true}},
	{"name": "list_notes", "description": "Lists all notes.", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": true}}
]`)

func answer(asked request) map[string]any {
	switch asked.Method {
	case "initialize":
		info := map[string]any{"name": "notes", "version": "1.0.0"}
		return map[string]any{"result": map[string]any{"protocolVersion": "2025-06-18", "capabilities": map[string]any{"tools": map[string]any{}}, "serverInfo": info}}
	case "ping":
		return map[string]any{"result": map[string]any{}}
	case "tools/list":
		return map[string]any{"result": map[string]any{"tools": definitions}}
	case "tools/call":
		var call toolCall
		if err := json.Unmarshal(asked.Params, &call); err != nil {
			return map[string]any{"error": map[string]any{"code": -32602, "message": "each argument has to be a text: " + err.Error()}}
		}
		if tool, ok := tools[call.Name]; ok {
			text, err := tool(call.Arguments)
			if err != nil {
				text = err.Error()
			}
			content := []any{map[string]any{"type": "text", "text": text}}
			return map[string]any{"result": map[string]any{"content": content, "isError": err != nil}}
		}
	}
	return map[string]any{"error": map[string]any{"code": -32601, "message": "there is no such method or tool"}}
}

func main() {
	fmt.Fprintln(os.Stderr, "notes are in", directory)
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
